import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeFileAtomically } from '../../files/atomic-write.js';

/** Milliseconds in which changes are gathered into one file. */
const GATHERING = 200;

const content = z.array(z.guid());

/**
 * Uuids of the domains that were seen on a host or written to it, kept in a file. One that is missing there afterwards was undefined
 * by somebody; of any other VM that is missing there, the host was never told.
 */
export class DefinedDomains {
  readonly #path: string;
  readonly #uuids: Set<string>;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  readonly #onFailure: (error: unknown) => void;

  private constructor(path: string, uuids: readonly string[], onFailure: (error: unknown) => void) {
    this.#path = path;
    this.#uuids = new Set(uuids);
    this.#onFailure = onFailure;
  }

  /** A file that is missing or damaged names none: then nothing is taken for undefined. `onFailure` hears when it cannot be written. */
  static async open(path: string, onFailure: (error: unknown) => void): Promise<DefinedDomains> {
    const text = await readFile(path, 'utf8').catch(() => '[]');
    return new DefinedDomains(path, content.safeParse(parsed(text)).data ?? [], onFailure);
  }

  has(uuid: string): boolean {
    return this.#uuids.has(uuid);
  }

  add(uuid: string): void {
    if (this.#uuids.has(uuid)) return;
    this.#uuids.add(uuid);
    this.#keep();
  }

  delete(uuid: string): void {
    if (this.#uuids.delete(uuid)) this.#keep();
  }

  /** Resolves when the file holds what was said. */
  async close(): Promise<void> {
    if (this.#timer) {
      clearTimeout(this.#timer);
      this.#write();
    }
    await this.#writing;
  }

  #keep(): void {
    this.#timer ??= setTimeout(() => this.#write(), GATHERING);
  }

  #write(): void {
    this.#timer = undefined;
    this.#writing = this.#writing
      .then(() => writeFileAtomically(this.#path, JSON.stringify([...this.#uuids])))
      .catch(this.#onFailure);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return [];
  }
}
