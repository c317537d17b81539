import type { Readable, Writable } from 'node:stream';

/** Where the user types: a terminal, or whatever takes its place. */
export interface Keyboard extends Readable {
  /** Only terminals have it: keys arrive one by one and none has a meaning of its own. */
  setRawMode?(raw: boolean): unknown;
}

/** What the client sees of the machine that it runs on; replaced in tests. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  /** Whether the user is the administrator of the machine. */
  readonly administrator: boolean;
  readonly stdin: Keyboard;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** The world that the process was started in. Standard streams are opened when they are first used: that takes time. */
export const processWorld: World = {
  env: process.env,
  get directory() {
    return process.cwd();
  },
  get administrator() {
    return process.getuid?.() === 0;
  },
  get stdin() {
    return process.stdin;
  },
  get stdout() {
    return process.stdout;
  },
  get stderr() {
    return process.stderr;
  },
};

/** Names under which a system knows what a program reads. Opening one fails where that is a socket, so nobody does. */
const STANDARD_INPUT: ReadonlySet<string> = new Set(['/dev/stdin', '/dev/fd/0', '/proc/self/fd/0']);

/** Whether a path stands for what the user pipes into the client. */
export function isStandardInput(path: string): boolean {
  return STANDARD_INPUT.has(path);
}
