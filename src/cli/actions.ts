import type { LoadedConfig } from '../config/load-config.js';
import type { CoverageRow } from './coverage-table.js';

/** What the command line starts but does not know how to do: handed in by whoever puts the program together. */
export interface Actions {
  /** Runs the daemon. Resolves to the exit status when it has ended. */
  start(loaded: LoadedConfig): Promise<number>;
  /** How far each class of the model is implemented. */
  coverage(): Promise<readonly CoverageRow[]>;
  /** The same as a page of Markdown that names every message. */
  coveragePage(): Promise<string>;
}
