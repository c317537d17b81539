import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FrameReader } from '../connection/frame-reader.js';
import { begin, finish, type Message, type MessageHeader, MessageStatus, MessageType, parse } from '../connection/message.js';
import { errorMessage } from '../protocol/error-message.js';
import { type AnyCall, callNamed, type Procedure, procedures, type StreamProcedure } from '../protocol/procedures.js';

type Name = Procedure | StreamProcedure;

/** A call that the fake daemon got. */
export interface ReceivedCall {
  readonly name: Name;
  readonly args: unknown;
  readonly header: MessageHeader;
}

const names = new Map(
  (Object.keys(procedures) as Name[]).map((name) => [`${callNamed(name).program}/${callNamed(name).number}`, name]),
);

/** What it answers by itself, so that a connection comes up. */
const GREETING: { readonly [name: string]: unknown } = {
  AUTH_LIST: { types: [0] },
  CONNECT_SUPPORTS_FEATURE: { supported: 1 },
  CONNECT_OPEN: undefined,
  CONNECT_CLOSE: undefined,
};

/** A daemon that speaks the protocol and does what a test tells it. It takes one connection. */
export class FakeDaemon {
  readonly uri: string;
  /** Messages that are no calls, as they came. */
  readonly messages: Message[] = [];
  /** Calls in the order in which they came, answered by the daemon itself or not. */
  readonly calls: ReceivedCall[] = [];
  readonly #server: Server;
  readonly #folder: string;
  readonly #answers: { readonly [name: string]: unknown };
  readonly #waiting: (() => void)[] = [];
  readonly #taken = new Set<unknown>();
  #socket: Socket | undefined;

  private constructor(server: Server, folder: string, answers: { readonly [name: string]: unknown }) {
    this.#server = server;
    this.#folder = folder;
    this.#answers = answers;
    this.uri = `qemu:///system?socket=${folder}/socket`;
    server.on('connection', (socket) => this.#serve(socket));
  }

  /** Starts one. `answers` are results of calls that it answers by itself. */
  static async start(answers: { readonly [name: string]: unknown } = {}): Promise<FakeDaemon> {
    const folder = await mkdtemp(join(tmpdir(), 'fake-libvirtd-'));
    const server = createServer();
    const daemon = new FakeDaemon(server, folder, { ...GREETING, ...answers });
    await new Promise<void>((resolve) => server.listen(`${folder}/socket`, resolve));
    return daemon;
  }

  async stop(): Promise<void> {
    this.#socket?.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#folder, { recursive: true });
  }

  get socket(): Socket {
    if (this.#socket === undefined) throw new Error('nobody has connected');
    return this.#socket;
  }

  /** The next call of this name that no test has taken yet. */
  async next(name: Name): Promise<ReceivedCall> {
    return await this.#find(() => this.calls.find((call) => call.name === name && !this.#taken.has(call)));
  }

  /** The next message that is no call and that no test has taken yet. */
  async nextMessage(fits: (message: Message) => boolean): Promise<Message> {
    return await this.#find(() => this.messages.find((message) => fits(message) && !this.#taken.has(message)));
  }

  reply({ name, header }: ReceivedCall, result?: unknown): void {
    const writer = begin({ ...header, type: MessageType.REPLY });
    callNamed(name).result.write(writer, result);
    this.socket.write(finish(writer));
  }

  replyError({ header }: { readonly header: MessageHeader }, code: number, message: string, type: number = MessageType.REPLY) {
    const writer = begin({ ...header, type, status: MessageStatus.ERROR });
    errorMessage.write(writer, { code, domain: 10, level: 2, message, int1: 0, int2: 0 });
    this.socket.write(finish(writer));
  }

  /** Sends a message of a call's stream. */
  stream({ header }: ReceivedCall, status: number, data: Uint8Array = Buffer.alloc(0)): void {
    this.send({ ...header, type: MessageType.STREAM, status }, data);
  }

  /** Sends a message with any bytes after its header. */
  send(header: MessageHeader, payload: Uint8Array = Buffer.alloc(0)): void {
    this.socket.write(Buffer.concat([finish(begin(header), payload.length), payload]));
  }

  #serve(socket: Socket): void {
    this.#socket = socket;
    const frames = new FrameReader();
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      for (const frame of frames.read(chunk)) this.#take(parse(frame));
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  #take(message: Message): void {
    if (message.type !== MessageType.CALL) {
      this.messages.push(message);
      return;
    }
    const name = names.get(`${message.program}/${message.procedure}`);
    if (name === undefined) throw new Error(`there is no call ${message.procedure}`);
    const call: AnyCall = callNamed(name);
    const received = { name, args: call.args.read(message.payload), header: message };
    this.calls.push(received);
    if (Object.hasOwn(this.#answers, name)) this.reply(received, this.#answers[name]);
  }

  async #find<T>(find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find();
      if (found !== undefined) {
        this.#taken.add(found);
        return found;
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}
