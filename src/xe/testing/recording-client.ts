import type { Client } from '../client.js';

/** A client without a connection: keeps what it is told to show. It has no user to ask, no files and no transfers. */
export class RecordingClient implements Client {
  readonly signal: AbortSignal = new AbortController().signal;
  #out = '';
  #err = '';

  /** What standard output shows. */
  get out(): string {
    return this.#out;
  }

  /** What standard error shows. */
  get err(): string {
    return this.#err;
  }

  print(text: string): void {
    this.#out += `${text}\n`;
  }

  printError(text: string): void {
    this.#err += text;
  }

  error(code: string, params: readonly string[]): void {
    this.#err += `Error code: ${code}\nError parameters: ${params.join(', ')}\n`;
  }

  debug(): void {
    // Not asked for.
  }

  prompt: Client['prompt'] = () => Promise.reject(new Error('nobody answers'));

  load: Client['load'] = () => Promise.resolve(undefined);

  httpGet: Client['httpGet'] = () => Promise.resolve(false);

  httpPut: Client['httpPut'] = () => Promise.resolve(false);

  httpConnect: Client['httpConnect'] = () => Promise.resolve(false);
}
