import type { ApiClient } from '../api/api-client.js';
import type { Command } from '../command.js';
import { type Parameter, Parameters } from '../parameters.js';
import { MinimalPrinter, PlainPrinter } from '../printer.js';
import { RecordingClient } from './recording-client.js';

/** Parameters from the words of a command line. */
export function parametersOf(...words: readonly string[]): Parameters {
  return new Parameters(words.map(parameter));
}

/** Runs a command with the words that follow its name. Resolves with what it has printed; rejects with what it throws. */
export async function runCommand(api: ApiClient, command: Command, ...words: readonly string[]): Promise<string> {
  const client = new RecordingClient();
  const parameters = parametersOf(...words);
  const printer = parameters.find('minimal') === 'true' ? new MinimalPrinter(client) : new PlainPrinter(client);
  await command.run({ api, parameters, printer, client, command });
  printer.finish();
  return client.out;
}

function parameter(word: string): Parameter {
  if (word.startsWith('--')) return { name: word.slice(2), value: 'true' };
  const at = word.indexOf('=');
  return at < 0 ? { name: word, value: '' } : { name: word.slice(0, at), value: word.slice(at + 1) };
}
