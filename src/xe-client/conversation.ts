import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { ServerMessage } from '../wire/xe/messages.js';
import type { DebugLines } from './debug-lines.js';
import type { Output } from './output.js';
import { PermittedFiles } from './permitted-files.js';
import { ClientProblem, LOST } from './problem.js';
import type { ServerConnection } from './server-connection.js';
import type { Settings } from './settings/settings.js';
import { nextChunk, readLine } from './streams.js';
import { FileFailure, type TransferFailure } from './transfer/failure.js';
import { Transfers } from './transfer/transfers.js';
import { isStandardInput, type World } from './world.js';

/** What servers take as content of a parameter, in bytes. They would close the connection in the middle of more. */
const LOAD_LIMIT = 32 * 1024 * 1024;

/** Milliseconds between signs of life while the user's machine is at work: the server waits for nothing else meanwhile. */
export const SIGN_OF_LIFE = 300_000;

/** What a conversation works with. */
export interface Participants {
  readonly connection: ServerConnection;
  readonly settings: Settings;
  readonly world: World;
  readonly output: Output;
  readonly debug: DebugLines;
  /** Milliseconds, usually SIGN_OF_LIFE. */
  readonly signOfLife: number;
}

/** Does what a server says until it says that this was all. Resolves to the exit code. Rejects with ClientProblem. */
export async function converse(participants: Participants): Promise<number> {
  const { connection } = participants;
  const conversation = new Conversation(participants);
  for (;;) {
    const message = await connection.next();
    if (message.kind === 'exit') return message.code;
    await conversation.obey(message);
  }
}

class Conversation {
  readonly #with: Participants;
  readonly #files: PermittedFiles;
  readonly #transfers: Transfers;

  constructor(participants: Participants) {
    const { settings, world, output, connection } = participants;
    this.#with = participants;
    this.#files = new PermittedFiles(settings.words, world.directory);
    this.#transfers = new Transfers(settings, world, output, this.#files, connection.endpoint);
  }

  obey(message: Exclude<ServerMessage, { readonly kind: 'exit' }>): Promise<void> {
    const { output, debug } = this.#with;
    switch (message.kind) {
      case 'print':
        return output.print(`${message.text}\n`);
      case 'print-error':
        return output.complain(message.text);
      case 'debug':
        return debug.add(message.text);
      case 'error':
        return output.complain(`Error code: ${message.code}\nError parameters: ${message.params.join(', ')}\n`);
      case 'prompt':
        return this.#prompt();
      case 'load':
        return this.#load(message.fileName);
      case 'http-get':
        return this.#answer(this.#transfers.download(message.fileName, message.url));
      case 'http-put':
        return this.#answer(this.#transfers.upload(message.fileName, message.url));
      case 'http-connect':
        return this.#answer(this.#transfers.console(message.url));
    }
  }

  async #prompt(): Promise<void> {
    const { connection, output, world } = this.#with;
    await output.flush();
    const line = await readLine(world.stdin);
    if (!line) throw new ClientProblem(LOST);
    await this.#blob(connection, line);
  }

  async #load(name: string): Promise<void> {
    const { connection, output, world } = this.#with;
    const path = this.#files.path(name);
    const content = await readWhole(path, world);
    if (content === 'too long') await output.complain(`File too large: ${name}\n`);
    if (!Buffer.isBuffer(content)) return connection.send({ kind: 'failed' });
    await connection.send({ kind: 'ok' });
    await this.#blob(connection, content);
  }

  async #blob(connection: ServerConnection, bytes: Buffer): Promise<void> {
    await connection.send({ kind: 'chunk', size: bytes.length }, bytes);
    await connection.send({ kind: 'end' });
  }

  /** Tells the server how a transfer ended, and meanwhile that it goes on. */
  async #answer(work: Promise<TransferFailure | undefined>): Promise<void> {
    const { connection, signOfLife } = this.#with;
    const timer = setInterval(() => void connection.send({ kind: 'wait' }), signOfLife);
    try {
      const failure = await work;
      await connection.send({ kind: failure ? 'failed' : 'ok' });
      if (failure instanceof FileFailure) throw new ClientProblem(failure.message);
    } finally {
      clearInterval(timer);
    }
  }
}

/** A file as a whole; undefined when it cannot be read. */
async function readWhole(path: string, world: World): Promise<Buffer | 'too long' | undefined> {
  if (isStandardInput(path)) return readAll(world.stdin).catch(() => undefined);
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    return (await file.stat()).size > LOAD_LIMIT ? 'too long' : await readAll(file.createReadStream({ autoClose: false }));
  } catch {
    return undefined;
  } finally {
    await file?.close();
  }
}

async function readAll(stream: Readable): Promise<Buffer | 'too long'> {
  const parts: Buffer[] = [];
  let length = 0;
  for (let part = await nextChunk(stream); part !== undefined; part = await nextChunk(stream)) {
    parts.push(part);
    length += part.length;
    if (length > LOAD_LIMIT) return 'too long';
  }
  return Buffer.concat(parts);
}
