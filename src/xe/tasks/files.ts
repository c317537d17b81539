import type { CommandContext } from '../command.js';
import { CommandFailure } from '../failure.js';

/** Content of a file on the client's machine. Throws CommandFailure when the client could not open it. */
export async function loadFile({ client }: Pick<CommandContext, 'client'>, fileName: string): Promise<Buffer> {
  const content = await client.load(fileName);
  if (!content) throw new CommandFailure(`Could not read the file ${fileName}`);
  return content;
}
