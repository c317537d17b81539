import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** What a command sees of the world; replaced in tests. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes a line for the user to standard output. */
  print(line: string): void;
  /** Writes a line to standard error. */
  complain(line: string): void;
  /** Asks a person for a secret without showing it; undefined when nobody is there to answer. */
  askSecret(question: string): Promise<string | undefined>;
}

/** The terminal that the process was started from. */
export const processTerminal: Terminal = {
  env: process.env,
  print: (line) => void process.stdout.write(`${line}\n`),
  complain: (line) => void process.stderr.write(`${line}\n`),
  askSecret,
};

async function askSecret(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  process.stderr.write(question);
  // The editor of the line echoes what is typed: into nothing here.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const editor = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  // An interrupt closes the editor without an answer.
  const closed = new Promise<undefined>((resolve) => editor.once('close', () => resolve(undefined)));
  try {
    return await Promise.race([editor.question(''), closed]);
  } finally {
    editor.close();
    process.stderr.write('\n');
  }
}
