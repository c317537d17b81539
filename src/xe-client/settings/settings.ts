import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ClientProblem, describe } from '../problem.js';
import type { World } from '../world.js';
import { extraArguments } from './extra-arguments.js';
import { readRcFile } from './rc-file.js';

/** Whom to ask, as whom, and what. */
export interface Settings {
  readonly server: string;
  /** Undefined: the usual one of the way that the server is reached. */
  readonly port: number | undefined;
  readonly user: string;
  readonly password: string;
  readonly tls: boolean;
  /** Shows what server and client say for people who look for mistakes. */
  readonly debug: boolean;
  /** The same, but only when the command fails. */
  readonly debugOnFail: boolean;
  readonly traceparent: string | undefined;
  /** Command and parameters for the server. */
  readonly words: readonly string[];
}

/** Names of what the client keeps for itself, as `name=value`. No command of a server can have parameters of these names. */
const KEYS = ['server', 'port', 'username', 'password', 'passwordfile', 'nossl', 'debug', 'debugonfail', 'traceparent'] as const;

type Key = (typeof KEYS)[number];

/** Options that take the next word. */
const WITH_VALUE: ReadonlyMap<string, Key> = new Map<string, Key>(
  Object.entries({
    '-s': 'server',
    '-h': 'server',
    '-p': 'port',
    '-u': 'username',
    '-pw': 'password',
    '-pwf': 'passwordfile',
    '--traceparent': 'traceparent',
  } as const),
);

/** Options that are a word by themselves. */
const WITHOUT_VALUE: ReadonlyMap<string, Key> = new Map<string, Key>(
  Object.entries({ '--nossl': 'nossl', '--debug': 'debug', '--debug-on-fail': 'debugonfail' } as const),
);

/** A user that trusts nobody's guess: on the local socket it needs no password, and elsewhere this one is wrong. */
const INITIAL = { server: '127.0.0.1', username: 'root', password: 'null' } as const;

/**
 * Settings from `~/.xe`, then XE_EXTRA_ARGS, then the command line: the later ones win. Throws ClientProblem when one makes
 * no sense.
 *
 * @param complain is told that the file was left out of account
 */
export function readSettings(args: readonly string[], world: World, complain: (line: string) => void): Settings {
  const values = new Map<Key, string>(Object.entries(INITIAL) as [Key, string][]);
  const fromFile = takeSettings(readRcFile(world, complain), values);
  const fromExtra = takeSettings(extraArguments(world.env.XE_EXTRA_ARGS ?? ''), values);
  if (world.env.TRACEPARENT) values.set('traceparent', world.env.TRACEPARENT);
  const fromLine = takeSettings(args, values);
  const file = values.get('passwordfile');
  const [user, password] = file ? readPasswordFile(resolve(world.directory, file)) : [undefined, undefined];
  return {
    server: withoutBrackets(values.get('server') ?? INITIAL.server),
    port: readPort(values.get('port')),
    user: user ?? values.get('username') ?? INITIAL.username,
    password: password ?? values.get('password') ?? INITIAL.password,
    tls: values.get('nossl') !== 'true',
    debug: values.get('debug') === 'true',
    debugOnFail: values.get('debugonfail') === 'true',
    traceparent: values.get('traceparent'),
    words: [...fromLine, ...fromExtra, ...fromFile],
  };
}

/** Puts what is meant for the client into a map, and returns the rest. */
function takeSettings(args: readonly string[], values: Map<Key, string>): string[] {
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? '';
    const next = args[i + 1];
    const key = WITH_VALUE.get(word);
    const flag = WITHOUT_VALUE.get(word);
    if (key !== undefined && next !== undefined) {
      values.set(key, next);
      i++;
    } else if (flag !== undefined) {
      values.set(flag, 'true');
    } else {
      const equals = word.indexOf('=');
      const named = KEYS.find((name) => equals >= 0 && name === word.slice(0, equals));
      if (named === undefined) rest.push(word);
      else values.set(named, word.slice(equals + 1));
    }
  }
  return rest;
}

/** Addresses of IPv6 may be written as in URLs. */
function withoutBrackets(server: string): string {
  return /^\[(.*)\]$/.exec(server)?.[1] ?? server;
}

function readPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new ClientProblem(`The port must be a number from 1 to 65535, not '${text}'.`);
  return port;
}

/** User and password, each on a line of its own. */
function readPasswordFile(path: string): readonly [user: string, password: string] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (thrown) {
    throw new ClientProblem(`Unable to read the password file: ${describe(thrown)}`);
  }
  const [user, password] = text.split(/\r?\n/);
  if (!user || password === undefined)
    throw new ClientProblem(`The password file ${path} needs a user and a password, each on a line.`);
  return [user, password];
}
