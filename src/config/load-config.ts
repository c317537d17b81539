import { join } from 'node:path';
import type { z } from 'zod';
import { ConfigError, type ConfigProblem } from './config-error.js';
import { readDataFile } from './data-file.js';
import { type EmulateInput, emulateSchema, hasShape } from './emulate.js';
import { completePlan, type EmulatedPlan } from './emulate-plan.js';
import {
  MAX_SOCKET_PATH,
  type Option,
  type OptionKey,
  type OptionValues,
  optionKeys,
  optionName,
  options,
  variableName,
} from './options.js';

/** Read when no other file is named and this one is there. */
export const DEFAULT_CONFIG_FILE = '/etc/xenapi-gateway.yaml';

/** Pool of somebody who just wants to see one. */
export const DEFAULT_POOL = 'hosts=2,vms=4,running=2';

/** Where values come from, the first one first: flags, environment, file, defaults. */
export interface ConfigSources {
  /** Values of flags by option key (`httpsPort`), and the file that `--config` names. */
  readonly flags: Readonly<Partial<Record<OptionKey | 'config', unknown>>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** File that is read when none is named and it exists. */
  readonly defaultFile?: string;
}

/** The whole configuration, checked. */
export interface Config extends Omit<OptionValues, 'emulate' | 'emulateFile' | 'unixSocket'> {
  readonly emulate: EmulatedPlan;
  readonly unixSocket: string;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Where each value that is not a default came from. */
  readonly sources: ReadonlyMap<OptionKey, string>;
  /** The file that was read. */
  readonly file: string | undefined;
}

interface RawValue {
  readonly raw: unknown;
  readonly source: string;
}

/** Gathers the configuration. Rejects with ConfigError that names every key that is wrong and where it came from. */
export async function loadConfig(given: ConfigSources): Promise<LoadedConfig> {
  const named = given.flags.config ?? (given.env.XENAPI_GATEWAY_CONFIG || undefined);
  const fallbackFile = given.defaultFile ?? DEFAULT_CONFIG_FILE;
  const content = await readDataFile(named === undefined ? fallbackFile : String(named), { mayBeMissing: named === undefined });
  const problems: ConfigProblem[] = content === undefined ? [] : unknownKeys(content.data, content.path);
  const raw = gather(given, content);
  const values = validate(raw, problems);
  if (values === undefined) throw new ConfigError(problems);

  problems.push(...contradictions(values, raw));
  if (problems.length > 0) throw new ConfigError(problems);
  const { emulate: _said, emulateFile: _path, unixSocket, ...rest } = values;
  const config: Config = {
    ...rest,
    unixSocket: unixSocket ?? defaultSocket(values.dataDir),
    emulate: await plan(values, raw.get('emulate')?.source ?? 'default'),
  };
  return { config, sources: new Map([...raw].map(([key, { source }]) => [key, source])), file: content?.path };
}

/** The value of each option that a source has, from the first source that has it. */
function gather({ flags, env }: ConfigSources, content: { path: string; data: ReadonlyMap<string, unknown> } | undefined) {
  const found = new Map<OptionKey, RawValue>();
  for (const key of optionKeys) {
    const { environmentOnly }: Option<unknown> = options[key];
    const variable = variableName(key);
    const inFile = content?.data.get(optionName(key));
    if (flags[key] !== undefined && !environmentOnly) found.set(key, { raw: flags[key], source: `--${optionName(key)}` });
    // An empty variable is what scripts pass on when they have nothing to say.
    else if (env[variable] !== undefined && env[variable] !== '') found.set(key, { raw: env[variable], source: variable });
    else if (content !== undefined && inFile !== undefined && inFile !== null)
      found.set(key, { raw: inFile, source: content.path });
  }
  return found;
}

function validate(raw: ReadonlyMap<OptionKey, RawValue>, problems: ConfigProblem[]): OptionValues | undefined {
  const values: Partial<Record<OptionKey, unknown>> = {};
  for (const key of optionKeys) {
    const { schema, fallback, environmentOnly }: Option<unknown> = options[key];
    const value = raw.get(key) ?? { raw: fallback, source: 'default' };
    const { success, data, error } = schema.safeParse(value.raw);
    if (success) values[key] = data;
    // The value of a secret is not repeated.
    else if (environmentOnly) problems.push({ key: optionName(key), source: value.source, message: 'the value cannot be used' });
    else problems.push(...error.issues.map((issue) => ({ key: optionName(key), source: value.source, message: textOf(issue) })));
  }
  // Each value was made by the schema of its option.
  return problems.length > 0 ? undefined : (values as OptionValues);
}

function unknownKeys(data: ReadonlyMap<string, unknown>, source: string): ConfigProblem[] {
  const known = optionKeys.filter((key) => !('environmentOnly' in options[key]));
  const secret = new Map(
    optionKeys.filter((key) => 'environmentOnly' in options[key]).map((key) => [optionName(key), variableName(key)]),
  );
  return [...data.keys()].flatMap((key) => {
    const variable = secret.get(key);
    if (variable !== undefined) return { key, source, message: `is not read from a file: use ${variable}, or ${key}-file` };
    if (known.some((name) => optionName(name) === key)) return [];
    return {
      key: key.slice(0, 80),
      source,
      message: `there is no such option: the options are ${known.map(optionName).join(', ')}`,
    };
  });
}

/** Options that exclude each other. */
function contradictions(values: OptionValues, raw: ReadonlyMap<OptionKey, RawValue>): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const complain = (key: OptionKey, message: string): void => {
    problems.push({ key: optionName(key), source: raw.get(key)?.source ?? 'default', message });
  };
  if (values.host?.kind === 'libvirt') {
    for (const key of ['emulate', 'emulateFile', 'loadDump'] as const) {
      if (values[key] !== undefined) complain(key, 'is for emulated hosts, and host is libvirt');
    }
  }
  if (values.loadDump !== undefined && values.emulate !== undefined && hasShape(values.emulate))
    complain('emulate', 'the pool comes from load-dump already');
  if (values.rootPassword !== undefined && values.rootPasswordFile !== undefined) {
    complain('rootPasswordFile', `the password comes from ${variableName('rootPassword')} already`);
  }
  return problems;
}

/** Says where in a value something is wrong, and what. */
function textOf({ path, message }: z.core.$ZodIssue): string {
  return path.length > 0 ? `${path.join('.')}: ${message}` : message;
}

/** The emulated pool: what the flag says of a key, else what the file says. */
async function plan({ emulate = {}, emulateFile, loadDump }: OptionValues, flag: string): Promise<EmulatedPlan> {
  const problems: ConfigProblem[] = [];
  const inFile = emulateFile === undefined ? {} : await readPlan(emulateFile);
  const said = { ...inFile, ...emulate };
  const source = (key: string): string => (emulateFile === undefined || Object.hasOwn(emulate, key) ? flag : emulateFile);
  const shaped = hasShape(said);
  if (loadDump !== undefined && shaped && emulateFile !== undefined)
    problems.push({
      key: 'emulate-file',
      source: emulateFile,
      message: 'shapes a pool, and the pool comes from load-dump already',
    });
  const whole = shaped ? said : { ...emulateSchema.parse(DEFAULT_POOL), ...said };
  const complete = completePlan(whole, (key, message) => {
    problems.push({ key: 'emulate', source: source(key.split('.')[0] ?? ''), message: `${key}: ${message}` });
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return complete;
}

async function readPlan(path: string): Promise<EmulateInput> {
  const { data } = await readDataFile(path, { mayBeMissing: false });
  const parsed = emulateSchema.safeParse(Object.fromEntries(data));
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.map((issue) => ({ key: 'emulate-file', source: path, message: textOf(issue) })));
}

/** In the data directory, unless the path would be longer than sockets can have. */
function defaultSocket(dataDir: string): string {
  const path = join(dataDir, 'xenapi.sock');
  return Buffer.byteLength(path) <= MAX_SOCKET_PATH ? path : 'off';
}
