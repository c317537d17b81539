import type { ApiClient } from '../api/api-client.js';
import type { Client } from '../client.js';
import type { Command, CommandContext } from '../command.js';
import { PlainPrinter } from '../printer.js';
import { RecordingClient } from './recording-client.js';
import { parametersOf } from './run-command.js';

/** What a client of a test does that a RecordingClient does not. */
export type ClientTalents = Partial<Pick<Client, 'prompt' | 'load' | 'httpGet' | 'httpPut' | 'httpConnect' | 'signal'>>;

/** A run of a command that can be looked at while it goes on, and after it has failed. */
export interface CommandRun {
  readonly client: RecordingClient;
  readonly context: CommandContext;
  /** The end of the command. */
  readonly done: Promise<void>;
}

/** Runs the command of a name with the words that follow it. */
export function startCommand(
  api: ApiClient,
  commands: readonly Command[],
  [name = '', ...words]: readonly string[],
  talents: ClientTalents = {},
): CommandRun {
  const command = commands.find((one) => one.name === name);
  if (!command) throw new Error(`no command ${name}`);
  const client = Object.assign(new RecordingClient(), talents);
  const context: CommandContext = { api, parameters: parametersOf(...words), printer: new PlainPrinter(client), client, command };
  return { client, context, done: Promise.resolve().then(() => command.run(context)) };
}

/** Runs it to its end. Resolves to what it has printed; rejects with what it throws. */
export async function commandOutput(...run: Parameters<typeof startCommand>): Promise<string> {
  const { client, done } = startCommand(...run);
  await done;
  return client.out;
}
