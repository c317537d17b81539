import { codeOf, OutputClosed } from './problem.js';
import { write } from './streams.js';
import type { World } from './world.js';

/** Bytes of text that are gathered before they are written: lists of thousands come in small pieces. */
const GATHERED = 64 * 1024;

/** What the user sees, in the order in which it came. Rejects with OutputClosed when standard output is closed. */
export class Output {
  readonly #world: World;
  #texts: string[] = [];
  #length = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Shows text on standard output, at the latest before the client waits for anything. */
  async print(text: string): Promise<void> {
    this.#texts.push(text);
    this.#length += text.length;
    if (this.#length >= GATHERED) await this.flush();
  }

  /** Shows text on standard error, at once. */
  async complain(text: string): Promise<void> {
    await this.flush();
    // Without a reader of errors the work goes on.
    await write(this.#world.stderr.on('error', ignore), text).catch(ignore);
    this.#world.stderr.off('error', ignore);
  }

  /** Writes what has been gathered. */
  async flush(): Promise<void> {
    if (this.#length === 0) return;
    const text = this.#texts.join('');
    this.#texts = [];
    this.#length = 0;
    await this.write(Buffer.from(text));
  }

  /** Writes bytes to standard output. */
  async write(bytes: Buffer): Promise<void> {
    const { stdout } = this.#world;
    stdout.on('error', ignore);
    try {
      await write(stdout, bytes);
    } catch (thrown) {
      throw asOutputClosed(thrown);
    }
    stdout.off('error', ignore);
  }
}

function ignore(): void {
  // Whoever waits for the write is told.
}

/** An error of writing to standard output, as OutputClosed when its reader has gone. */
export function asOutputClosed(thrown: unknown): unknown {
  return codeOf(thrown) === 'EPIPE' || codeOf(thrown) === 'ERR_STREAM_DESTROYED' ? new OutputClosed('output closed') : thrown;
}
