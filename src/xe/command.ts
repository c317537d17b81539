import type { ApiClient } from './api/api-client.js';
import type { Client } from './client.js';
import type { Parameters } from './parameters.js';
import type { Printer } from './printer.js';

/** What a command works with. */
export interface CommandContext {
  /** The API, logged in as the user of the command line. */
  readonly api: ApiClient;
  readonly parameters: Parameters;
  readonly printer: Printer;
  /** For what needs the client itself: files, transfers, prompts, and text that is printed whatever the mode. */
  readonly client: Client;
  readonly command: Command;
}

/** Objects that a command works on: everything on its line that it does not know itself chooses among them. */
export type Selector = 'vm' | 'host' | 'sr';

export type CommandFlag =
  /** Named by plain `help`. */
  | 'standard'
  /** Runs, and is named by no list. */
  | 'hidden'
  /** Runs on the host that was asked, whichever that is. */
  | 'neverforward'
  | 'deprecated';

/** One command of the command line. */
export interface Command {
  readonly name: string;
  /** Parameters without which nothing happens, login included; the first missing one is named. */
  readonly required: readonly string[];
  /** Parameters as `help` names them: `name:` takes `name:key=value`. */
  readonly optional: readonly string[];
  /** Parameters that it reads and `help` does not name. */
  readonly undeclared?: readonly string[];
  readonly selectors?: Selector;
  readonly flags?: readonly CommandFlag[];
  /** `local`: a session that needs no pool; `none`: no login at all. */
  readonly session?: 'normal' | 'local';
  /** A sentence or two for `help`. */
  readonly description: string;
  run(context: CommandContext): Promise<void> | void;
}
