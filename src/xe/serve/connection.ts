import type { Socket } from 'node:net';
import { ByteQueue } from '../../wire/xe/byte-queue.js';
import { decodeClientMessage } from '../../wire/xe/decode.js';
import { encodeServerMessage } from '../../wire/xe/encode.js';
import { checkHello, encodeHello, HELLO_LENGTH } from '../../wire/xe/hello.js';
import type { ClientMessage, ServerMessage } from '../../wire/xe/messages.js';
import { XeProtocolError } from '../../wire/xe/protocol-error.js';
import { HEAD_LIMIT, parseBody, parseHead, type RequestHead } from '../../wire/xe/request.js';
import type { Client } from '../client.js';
import { CommandFailure } from '../failure.js';
import {
  ANSWER_LIMIT,
  FAREWELL,
  LOAD_LIMIT,
  OPENING_TIME,
  PROMPT_LIMIT,
  SILENCE,
  SMALLEST_CHUNK,
  UNREAD_LIMIT,
} from './limits.js';
import { printPieces } from './print-pieces.js';

/** What a client has asked for. */
export interface XeRequest extends RequestHead {
  readonly words: readonly string[];
}

/** One connection that speaks the `xe` protocol, from its first byte to its end. */
export class XeConnection implements Client {
  readonly #socket: Socket;
  readonly #queue = new ByteQueue();
  readonly #gone = new AbortController();
  #corked = false;
  #loaded = 0;
  /** Everything after the last message is of no interest. */
  #deaf = false;

  constructor(socket: Socket, firstBytes: Buffer) {
    this.#socket = socket;
    this.#queue.push(firstBytes);
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    // A client that was killed closes its side and nothing more. None that lives does: it has to answer.
    socket.once('end', () => this.#lose('the client has closed its side'));
    socket.once('close', () => this.#lose('the client has gone'));
    socket.resume();
  }

  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** Reads the request and greets. Rejects with XeProtocolError when it cannot be one or does not come in time. */
  async open(): Promise<XeRequest> {
    return this.#within(OPENING_TIME, async () => {
      const head = parseHead(await this.#head());
      const words = parseBody(await this.#queue.take(head.contentLength));
      // At once: a client of another version is to learn whom it talks to before the door closes.
      this.#socket.write(encodeHello());
      checkHello(await this.#queue.take(HELLO_LENGTH));
      return { ...head, words };
    });
  }

  /** Says the exit code, lets it out and closes. Resolves when the connection is closed. */
  async exit(code: number): Promise<void> {
    this.#deaf = true;
    this.#send({ kind: 'exit', code });
    let timer: NodeJS.Timeout | undefined;
    this.#socket.end(() => {
      timer = setTimeout(() => this.#socket.destroy(), FAREWELL);
    });
    // What the client still sends is read, or its arrival would cut off what it has not read yet.
    this.#socket.resume();
    if (!this.#socket.closed) await new Promise<void>((resolve) => this.#socket.once('close', () => resolve()));
    clearTimeout(timer);
  }

  /** Closes without a word. */
  drop(): void {
    this.#socket.destroy();
  }

  print(text: string): void {
    for (const piece of printPieces(text)) this.#send({ kind: 'print', text: piece });
  }

  printError(text: string): void {
    this.#send({ kind: 'print-error', text });
  }

  error(code: string, params: readonly string[]): void {
    this.#send({ kind: 'error', code, params });
  }

  debug(text: string): void {
    this.#send({ kind: 'debug', text });
  }

  async prompt(): Promise<string> {
    this.#send({ kind: 'prompt' });
    const parts: Buffer[] = [];
    let length = 0;
    for (let answer = await this.#answer(); answer.kind !== 'end'; answer = await this.#answer()) {
      if (answer.kind !== 'chunk') throw new XeProtocolError(`${answer.kind} where the line of a prompt was due`);
      length += Math.max(answer.size, SMALLEST_CHUNK);
      if (length > PROMPT_LIMIT) throw new XeProtocolError('the line of a prompt is too long');
      parts.push(await this.#queue.take(answer.size));
    }
    return Buffer.concat(parts).toString('utf8');
  }

  async load(fileName: string): Promise<Buffer | undefined> {
    this.#send({ kind: 'load', fileName });
    return this.#within(SILENCE, async () => {
      if (!(await this.#done())) return undefined;
      const parts: Buffer[] = [];
      for (let answer = await this.#answer(); answer.kind !== 'end'; answer = await this.#answer()) {
        if (answer.kind !== 'chunk') throw new XeProtocolError(`${answer.kind} where a file was due`);
        this.#loaded += Math.max(answer.size, SMALLEST_CHUNK);
        if (this.#loaded > LOAD_LIMIT) throw new CommandFailure(`Files of more than ${LOAD_LIMIT} bytes cannot be sent this way`);
        parts.push(await this.#queue.take(answer.size));
      }
      return Buffer.concat(parts);
    });
  }

  httpGet(fileName: string, url: string): Promise<boolean> {
    this.#send({ kind: 'http-get', fileName, url });
    return this.#done();
  }

  httpPut(fileName: string, url: string): Promise<boolean> {
    this.#send({ kind: 'http-put', fileName, url });
    return this.#done();
  }

  httpConnect(url: string): Promise<boolean> {
    this.#send({ kind: 'http-connect', url });
    return this.#done();
  }

  async #head(): Promise<string> {
    const head = await this.#queue.takeThrough(END_OF_HEAD, HEAD_LIMIT);
    if (!head) throw new XeProtocolError('the head of the request is too long');
    return head.toString('latin1');
  }

  /** Whether the client did what it was told; it may ask for patience any number of times. */
  async #done(): Promise<boolean> {
    for (;;) {
      const { kind } = await this.#within(SILENCE, () => this.#answer());
      if (kind === 'ok') return true;
      if (kind === 'failed') return false;
      if (kind !== 'wait') throw new XeProtocolError(`${kind} where an outcome was due`);
    }
  }

  async #answer(): Promise<ClientMessage> {
    const length = (await this.#queue.take(4)).readInt32LE();
    if (length < 0 || length > ANSWER_LIMIT) throw new XeProtocolError(`an answer of ${length} bytes`);
    return decodeClientMessage(await this.#queue.take(length));
  }

  #lose(reason: string): void {
    this.#queue.end(new XeProtocolError(reason));
    this.#gone.abort();
  }

  #receive(bytes: Buffer): void {
    if (this.#deaf) return;
    this.#queue.push(bytes);
    if (this.#queue.length <= UNREAD_LIMIT || this.#queue.wanted > this.#queue.length) return;
    this.#socket.pause();
    this.#queue.whenTaken(() => this.#socket.resume());
  }

  #send(message: ServerMessage): void {
    this.#write(encodeServerMessage(message));
  }

  /** Writes; what is written within one turn of the event loop goes out together. */
  #write(bytes: Buffer): void {
    if (this.#socket.destroyed || !this.#socket.writable) return;
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      setImmediate(() => {
        this.#corked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(bytes);
  }

  /** The result of work that the client must have done its part of in so many milliseconds, or the connection is cut. */
  async #within<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
    const timer = setTimeout(() => {
      this.#queue.end(new XeProtocolError('the client is too slow'));
      this.drop();
    }, milliseconds);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
    }
  }
}

const END_OF_HEAD = Buffer.from('\r\n\r\n', 'latin1');
