import type { CommandContext } from '../command.js';
import { loadFile } from '../tasks/files.js';

/** End of a key whose value is the name of a file on the client's machine. */
const FILE = ':file';

/** Arguments for a plug-in: `args:key=value`, and `args:key:file=name` for the content of a file of the client. */
export async function pluginArguments(context: CommandContext): Promise<Map<string, string>> {
  const args = new Map<string, string>();
  for (const [key, value] of context.parameters.map('args')) {
    if (key.endsWith(FILE)) args.set(key.slice(0, -FILE.length), (await loadFile(context, value)).toString('utf8'));
    else args.set(key, value);
  }
  return args;
}
