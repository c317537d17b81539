import { randomUUID } from 'node:crypto';
import type { CallOrigin, RpcService } from '../../api/rpc.js';
import type { Log } from '../../log/log.js';
import { ApiError, toApiError } from '../../model/error.js';
import { XeProtocolError } from '../../wire/xe/protocol-error.js';
import type { ApiClient } from '../api/api-client.js';
import { logIn } from '../api/login.js';
import type { Client } from '../client.js';
import type { Command } from '../command.js';
import { errorText } from '../errors/error-text.js';
import { ClientWordedError, CommandExit, CommandFailure, MissingParameter } from '../failure.js';
import { help } from '../help/help.js';
import type { Parameters } from '../parameters.js';
import { MinimalPrinter, PlainPrinter, type Printer } from '../printer.js';
import { type CommandLine, CommandLineSyntaxError, readCommandLine } from './command-line.js';
import { WORD_LIMIT } from './limits.js';
import { logCommandLine } from './log-command-line.js';

/** Where a command line came from. */
export interface CommandLineOrigin {
  /** The local Unix socket, whose peers are trusted as root. */
  readonly local: boolean;
  readonly address: string;
  readonly userAgent?: string;
}

/** What it takes to tell of an error. */
interface Telling {
  readonly client: Client;
  /** Names the objects of an error, once there is a session. */
  readonly api: ApiClient | undefined;
  readonly parameters: Parameters;
  readonly origin: CallOrigin;
}

/** First word of a request of somebody who is logged in already. */
const SESSION = 'session_id=';

/** Runs command lines: reads them, logs in, has the command do its work, tells of errors. */
export class CommandLines {
  readonly #rpc: RpcService;
  readonly #commands: ReadonlyMap<string, Command>;
  readonly #log: Log;

  constructor(rpc: RpcService, commands: ReadonlyMap<string, Command>, log: Log) {
    this.#rpc = rpc;
    this.#commands = commands;
    this.#log = log;
  }

  /** Runs one command line; resolves to its exit code. Rejects with XeProtocolError when its client has gone or talks nonsense. */
  async run(words: readonly string[], client: Client, from: CommandLineOrigin): Promise<number> {
    const session = words[0]?.startsWith(SESSION) ? words[0].slice(SESSION.length) : undefined;
    let line: CommandLine;
    if (words.length > WORD_LIMIT) return tellUsage(client, `A command line has ${WORD_LIMIT} words at most`);
    try {
      line = readCommandLine(session === undefined ? words : words.slice(1));
    } catch (thrown) {
      if (!(thrown instanceof CommandLineSyntaxError)) throw thrown;
      return tellUsage(client, 'Syntax error: ');
    }
    const requestId = `xe-${randomUUID().slice(0, 8)}`;
    logCommandLine(this.#log, line, requestId, from);
    const origin: CallOrigin = { ...from, requestId, originator: 'cli', signal: client.signal };
    return this.#runLine(line, session, client, origin);
  }

  async #runLine(
    { name, parameters }: CommandLine,
    session: string | undefined,
    client: Client,
    origin: CallOrigin,
  ): Promise<number> {
    const tell = (thrown: unknown, api?: ApiClient) => this.#tell(thrown, { client, api, parameters, origin });
    try {
      const printer = printerFor(parameters, client);
      if (name === 'help') {
        help(this.#commands, parameters, printer);
        printer.finish();
        return 0;
      }
      const command = this.#commands.get(name);
      if (!command) return tellUsage(client, `Unknown command: ${name}`);
      for (const required of command.required) parameters.required(required);
      const login = await logIn(this.#rpc, origin, { session, command, parameters });
      if (!login.ok) return tellUsage(client, login.text);
      const { api } = login;
      try {
        await command.run({ api, parameters, printer, client, command });
        printer.finish();
        return 0;
      } catch (thrown) {
        // While the session lives: the objects of an error are named with it.
        return tell(thrown, api);
      } finally {
        await login.end();
      }
    } catch (thrown) {
      return tell(thrown);
    }
  }

  /** Tells of what went wrong; the exit code. */
  #tell(thrown: unknown, { client, api, parameters, origin }: Telling): number {
    if (thrown instanceof XeProtocolError) throw thrown;
    if (thrown instanceof CommandExit) return thrown.exitCode;
    if (thrown instanceof MissingParameter) tellUsage(client, `Required parameter not found: ${thrown.parameter}`);
    else if (thrown instanceof CommandFailure) client.printError(`Error: ${thrown.message}\n`);
    else if (thrown instanceof ClientWordedError) client.error(thrown.code, thrown.params);
    else {
      if (!(thrown instanceof ApiError))
        this.#log.error({ err: thrown, request: origin.requestId }, 'a command failed unexpectedly');
      tellApiError(toApiError(thrown), client, api);
    }
    if (parameters.find('trace') === 'true') client.printError(`Raised ${nameOf(thrown)}\nBacktrace:\n${stackOf(thrown)}`);
    return 1;
  }
}

/** Says what is wrong with the way the command line is used; the exit code. */
function tellUsage(client: Client, text: string): number {
  client.printError(`${text}\n`);
  client.printError("For usage run: 'xe help'\n");
  return 1;
}

function tellApiError(error: ApiError, client: Client, api: ApiClient | undefined): void {
  const text = errorText(error, api);
  if (!text.known) client.error(text.code, text.params);
  else for (const line of text.lines) client.printError(`${line}\n`);
}

function printerFor(parameters: Parameters, client: Client): Printer {
  const minimal = parameters.text('minimal', 'false');
  if (minimal !== 'true' && minimal !== 'false') throw new ApiError('INTERNAL_ERROR', `minimal is true or false, not ${minimal}`);
  return minimal === 'true' ? new MinimalPrinter(client) : new PlainPrinter(client);
}

function nameOf(thrown: unknown): string {
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
}

/** Where it was thrown, a line each; answers of the API are not faults and have no such place. */
function stackOf(thrown: unknown): string {
  const places = thrown instanceof Error ? (thrown.stack ?? '').split('\n').filter((line) => line.startsWith('    at ')) : [];
  return places.map((place) => `${place}\n`).join('');
}
