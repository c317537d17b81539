import type { Command } from '../command.js';
import type { Parameters } from '../parameters.js';
import type { Printer } from '../printer.js';
import { explanation } from './explanation.js';
import { listedNames, overview } from './overview.js';

/** What `help` has on its line besides names of commands. */
const OWN: ReadonlySet<string> = new Set(['server', 'username', 'password', 'port', 'minimal', 'all']);

/**
 * Explains the commands that the line names, or lists the common ones (with `--all` those that are not hidden). A name that
 * is none is said to be so, which is no failure.
 */
export function help(commands: ReadonlyMap<string, Command>, parameters: Parameters, printer: Printer): void {
  // Once each: anybody may ask, without a login, and a short line with one name many times would have a very long answer.
  const wanted = new Set(parameters.list.map(({ name }) => name).filter((name) => !OWN.has(name)));
  if (wanted.size === 0) list(commands, parameters, printer);
  for (const name of wanted) {
    const command = commands.get(name);
    if (command) printer.table([explanation(command)]);
    else printer.lines(`Unknown command '${name}'`);
  }
}

function list(commands: ReadonlyMap<string, Command>, parameters: Parameters, printer: Printer): void {
  const all = parameters.find('all') === 'true';
  const names = listedNames(commands.values(), all);
  // One line at a time, because a client exists that garbles long texts.
  printer.lines(...(parameters.find('minimal') === 'true' ? names : overview(names, all)));
}
