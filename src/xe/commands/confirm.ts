import type { CommandContext } from '../command.js';
import { CommandExit } from '../failure.js';

/**
 * Asks the user whether to go on, whatever the mode of printing. Throws CommandExit 0 after anything but yes, which is told
 * back to them. Rejects when the client has no line to give.
 */
export async function confirm({ client }: Pick<CommandContext, 'client'>): Promise<void> {
  client.print("Type 'yes' to continue");
  const answer = (await client.prompt()).trim();
  if (answer.toLowerCase() === 'yes') return;
  client.print(`Aborted (you typed: '${answer}')`);
  throw new CommandExit(0);
}
