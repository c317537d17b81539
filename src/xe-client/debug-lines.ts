import type { Output } from './output.js';
import type { Settings } from './settings/settings.js';

/** Lines that are kept for the case that a command fails: the last ones say why. */
const KEPT = 1000;

/** What is said for people who look for mistakes: shown at once, or when the command has failed, or never. */
export class DebugLines {
  readonly #output: Output;
  readonly #settings: Settings;
  #kept: string[] = [];

  constructor(output: Output, settings: Settings) {
    this.#output = output;
    this.#settings = settings;
  }

  async add(line: string): Promise<void> {
    if (this.#settings.debug) await this.#output.complain(`${line}\n`);
    else if (this.#settings.debugOnFail) this.#kept = [...this.#kept.slice(-KEPT + 1), line];
  }

  /** The command has failed: shows what was kept. */
  async failed(): Promise<void> {
    for (const line of this.#kept) await this.#output.complain(`${line}\n`);
  }
}
