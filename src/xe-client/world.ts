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
  /**
   * Has the terminal of standard input show bytes as they come, until its raw mode ends. That mode alone still makes a new line of
   * every line feed, with which programs for whole screens go down without going left.
   */
  showBytesAsTheyAre?(): Promise<void>;
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
  async showBytesAsTheyAre() {
    const { spawnSync } = await import('node:child_process');
    // Nothing is lost where there is no such program: most consoles look right even so.
    spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
  },
};

/** Names under which a system knows what a program reads. Opening one fails where that is a socket, so nobody does. */
const STANDARD_INPUT: ReadonlySet<string> = new Set(['/dev/stdin', '/dev/fd/0', '/proc/self/fd/0']);

/** Whether a path stands for what the user pipes into the client. */
export function isStandardInput(path: string): boolean {
  return STANDARD_INPUT.has(path);
}
