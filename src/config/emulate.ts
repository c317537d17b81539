import { z } from 'zod';
import { byteSize, duration, show, wholeNumber } from './values.js';

const MiB = 2 ** 20;
const GiB = 2 ** 30;
const TiB = 2 ** 40;

interface Key<T> {
  readonly help: string;
  readonly schema: z.ZodType<T>;
  readonly fallback: string;
}

function key<T>(help: string, fallback: string, schema: z.ZodType<T>): Key<T> {
  return { help, fallback, schema };
}

/** What can be said of an emulated pool, under the names of the command line, with what holds when nothing is said. */
export const emulateKeys = {
  // 64 hosts is what the original allows in a pool; 20,000 VMs is four times the largest pool that we measure.
  hosts: key('hosts', '1', wholeNumber(1, 64)),
  vms: key('VMs, each with one disk, one CD drive, one NIC', '0', wholeNumber(0, 20_000)),
  running: key('how many of the VMs run', '0', wholeNumber(0, 20_000)),
  suspended: key('how many of the VMs are suspended', '0', wholeNumber(0, 20_000)),
  srs: key('shared SRs, beside the local one of each host', '1', wholeNumber(0, 64)),
  networks: key('networks with a NIC of each host', '1', wholeNumber(1, 64)),
  'vm-memory': key('memory of a VM', '1GiB', byteSize(16 * MiB, TiB)),
  'vm-vcpus': key('virtual CPUs of a VM', '1', wholeNumber(1, 64)),
  'vm-disk': key('size of the disk of a VM', '8GiB', byteSize(0, 64 * TiB)),
  'host-memory': key('memory of a host', '64GiB', byteSize(GiB, 64 * TiB)),
  'host-cpus': key('CPUs of a host', '16', wholeNumber(1, 1024)),
  'sr-size': key('size of an SR', '2TiB', byteSize(GiB, 8192 * TiB)),
  delay: key('time that a power operation takes', '0', duration(10 * 60_000)),
} as const;

type Keys = typeof emulateKeys;
type CamelCase<S extends string> = S extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : S;

/** Shape of an emulated pool. Sizes in bytes, times in milliseconds. */
export type EmulateOptions = { readonly [K in keyof Keys as CamelCase<K>]: z.output<Keys[K]['schema']> };

/** `hosts=2,vms=4,vm-memory=2GiB`, or the same as a map. Unknown keys are refused, and the known ones named. */
export const emulateSchema = z.unknown().transform((raw, context): EmulateOptions => {
  const complain = (message: string): void => context.addIssue({ code: 'custom', message });
  const given = typeof raw === 'string' ? fromText(raw, complain) : raw;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    if (given !== undefined) complain(`expected hosts=N,vms=N,… or a map, got ${show(raw)}`);
    return z.NEVER;
  }
  const values = toOptions(new Map(Object.entries(given)), complain);
  return values ?? z.NEVER;
});

/** Text of the short form, as a map. Undefined after a complaint. */
function fromText(textual: string, complain: (message: string) => void): Record<string, string> | undefined {
  const entries = new Map<string, string>();
  for (const part of textual.split(',').filter((piece) => piece.trim() !== '')) {
    const [, name, value] = /^\s*([^=\s]+)\s*=\s*(\S+)\s*$/.exec(part) ?? [];
    if (name === undefined || value === undefined) {
      complain(`expected KEY=VALUE, got ${show(part)}`);
      return undefined;
    }
    if (entries.has(name)) {
      complain(`${name} is given twice`);
      return undefined;
    }
    entries.set(name, value);
  }
  return Object.fromEntries(entries);
}

function toOptions(given: ReadonlyMap<string, unknown>, complain: (message: string) => void): EmulateOptions | undefined {
  const unknown = [...given.keys()].filter((name) => !Object.hasOwn(emulateKeys, name));
  if (unknown.length > 0)
    complain(`unknown ${unknown.slice(0, 5).map(show).join(', ')}: the keys are ${Object.keys(emulateKeys).join(', ')}`);
  const options: Record<string, number> = {};
  let wrong = unknown.length > 0;
  for (const [name, { schema, fallback }] of Object.entries(emulateKeys)) {
    const { success, data, error } = schema.safeParse(given.get(name) ?? fallback);
    if (success) options[camelCase(name)] = data;
    else {
      wrong = true;
      complain(`${name}: ${error.issues.map(({ message }) => message).join('; ')}`);
    }
  }
  if (wrong) return undefined;
  // Every key was parsed by its own schema just now.
  const whole = options as EmulateOptions;
  if (whole.running + whole.suspended <= whole.vms) return whole;
  complain(`running=${whole.running} and suspended=${whole.suspended} are more than vms=${whole.vms}`);
  return undefined;
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_match, letter: string) => letter.toUpperCase());
}
