import type { ApiClient } from '../api/api-client.js';
import type { Command } from '../command.js';
import { MinimalPrinter, PlainPrinter } from '../printer.js';
import { RecordingClient } from './recording-client.js';
import { parametersOf } from './run-command.js';

/** What a client has and does, besides showing what it is told. */
export interface ClientPart {
  /** What its user types, a line for each prompt. */
  readonly answers?: readonly string[];
  /** Its files, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** What becomes of a request to a path of the server; without it every request fails. */
  readonly request?: (url: URL) => Promise<void> | void;
}

/** What came of a command line. */
export interface Outcome {
  readonly out: string;
  readonly err: string;
  /** What the command has thrown. */
  readonly failure: unknown;
  /** Names of the files of its transfers. */
  readonly fileNames: readonly string[];
}

/** The command of a name in a family. */
export function commandOf(family: readonly Command[], name: string): Command {
  const found = family.find((one) => one.name === name);
  if (!found) throw new Error(`no command ${name}`);
  return found;
}

/** Runs a command with the words that follow its name, for a client that answers, has files, or makes requests. */
export async function runForClient(api: ApiClient, command: Command, part: ClientPart, ...words: string[]): Promise<Outcome> {
  const answers = [...(part.answers ?? [])];
  const fileNames: string[] = [];
  const request = async (fileName: string, url: string): Promise<boolean> => {
    if (!part.request) return false;
    fileNames.push(fileName);
    await part.request(new URL(url, 'http://server'));
    return true;
  };
  const client = Object.assign(new RecordingClient(), {
    prompt: () => {
      const answer = answers.shift();
      return answer === undefined ? Promise.reject(new Error('nobody answers')) : Promise.resolve(answer);
    },
    load: (fileName: string) => {
      const content = part.files?.[fileName];
      return Promise.resolve(content === undefined ? undefined : Buffer.from(content));
    },
    httpGet: request,
    httpPut: request,
  });
  const parameters = parametersOf(...words);
  const printer = parameters.find('minimal') === 'true' ? new MinimalPrinter(client) : new PlainPrinter(client);
  let failure: unknown;
  try {
    await command.run({ api, parameters, printer, client, command });
    printer.finish();
  } catch (thrown) {
    failure = thrown;
  }
  return { out: client.out, err: client.err, failure, fileNames };
}
