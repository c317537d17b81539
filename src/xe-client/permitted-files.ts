import { resolve } from 'node:path';
import { ClientProblem } from './problem.js';

/** Files that the user named as the value of a parameter. A server that asks for any other one gets nothing at all. */
export class PermittedFiles {
  readonly #directory: string;
  readonly #paths: ReadonlySet<string>;

  /** @param directory where relative names start */
  constructor(words: readonly string[], directory: string) {
    this.#directory = directory;
    const values = words.filter((word) => word.includes('=')).map((word) => word.slice(word.indexOf('=') + 1));
    this.#paths = new Set(values.filter((value) => value !== '').map((value) => resolve(directory, value)));
  }

  /** The path of a file that the server asks for. Throws ClientProblem when the user did not name it. */
  path(name: string): string {
    const path = resolve(this.#directory, name);
    if (name === '' || name.includes('\0') || !this.#paths.has(path))
      throw new ClientProblem(`File not permitted: ${printable(name)}`);
    return path;
  }
}

function printable(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a name that nobody typed may do things to a terminal
  return name.replace(/[\x00-\x1f\x7f]/g, '?');
}
