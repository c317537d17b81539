import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { encodeClientFlags } from '../../wire/nbd/greeting.js';
import { CHUNK, CONTEXT, FIXED_NEWSTYLE, LENGTH, NBD, NO_ZEROES, OPTION, OPTION_REPLY } from '../../wire/nbd/numbers.js';
import {
  decodeExportInfo,
  decodeOptionReplyHead,
  encodeExportRequest,
  encodeMetaContextRequest,
  encodeOption,
} from '../../wire/nbd/options.js';
import { type BlockStatus, decodeBlockStatus, decodeChunkHead } from '../../wire/nbd/replies.js';
import { encodeRequest } from '../../wire/nbd/requests.js';

/** What came for an option. */
export interface Answer {
  readonly type: number;
  readonly data: Buffer;
}

/** What came for a request. */
export interface Reply {
  readonly cookie: bigint;
  readonly error: number;
  /** Data and holes, put together. */
  readonly data: Buffer;
  readonly holes: number;
  readonly blocks: readonly BlockStatus[];
}

/** A client of NBD that says what it is told and understands what comes. Reads reject when the server hangs up. */
export class TestClient {
  socket: Socket;
  #early = Buffer.alloc(0);
  #wake: () => void = () => undefined;
  closed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.#listen(socket);
  }

  static async connect(port: number, host = '127.0.0.1'): Promise<TestClient> {
    const socket = connect(port, host);
    await once(socket, 'connect');
    return new TestClient(socket);
  }

  /** Connects, greets and agrees on an export. */
  static async to(
    port: number,
    name: string,
    { structured = true }: { readonly structured?: boolean } = {},
  ): Promise<TestClient> {
    const client = await TestClient.connect(port);
    await client.greet();
    if (structured) await client.option(OPTION.structuredReply);
    if (structured) await client.option(OPTION.setMetaContext, encodeMetaContextRequest({ name, queries: [CONTEXT.allocation] }));
    const { type } = await client.go(name);
    if (type !== OPTION_REPLY.ack) throw new Error(`refused with ${type.toString(16)}`);
    return client;
  }

  send(...bytes: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(bytes));
  }

  async take(length: number): Promise<Buffer> {
    while (this.#early.length < length) {
      if (this.closed) throw new Error('the server has hung up');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const bytes = this.#early.subarray(0, length);
    this.#early = this.#early.subarray(length);
    return bytes;
  }

  async greet(flags = FIXED_NEWSTYLE | NO_ZEROES): Promise<void> {
    await this.take(LENGTH.greeting);
    this.send(encodeClientFlags(flags));
  }

  /** Asks for an option; resolves with all answers, the last one first. */
  async option(option: number, data?: Buffer): Promise<{ readonly type: number; readonly answers: readonly Answer[] }> {
    this.send(encodeOption(option, data));
    const answers: Answer[] = [];
    for (;;) {
      const head = decodeOptionReplyHead(await this.take(LENGTH.optionReply));
      if (head.option !== option) throw new Error('an answer to something else');
      answers.push({ type: head.type, data: await this.take(head.length) });
      if (head.type === OPTION_REPLY.ack || head.type >= OPTION_REPLY.error) return { type: head.type, answers };
    }
  }

  async go(
    name: string,
    option: number = OPTION.go,
  ): Promise<{ readonly type: number; readonly size?: number; readonly flags?: number }> {
    const { type, answers } = await this.option(option, encodeExportRequest({ name, wanted: [3] }));
    const info = answers.map(({ data }) => decodeExportInfo(data)).find((found) => found !== undefined);
    return { type, ...info };
  }

  async startTls(): Promise<void> {
    const { type } = await this.option(OPTION.startTls);
    if (type !== OPTION_REPLY.ack) throw new Error('no TLS');
    this.socket.removeAllListeners();
    const secure = connectTls({ socket: this.socket, rejectUnauthorized: false });
    this.#listen(secure);
    this.socket = secure;
    await once(secure, 'secureConnect');
  }

  ask(command: number, offset: number, length: number, { flags = 0, cookie = 1n } = {}): void {
    this.send(encodeRequest({ command, flags, cookie, offset, length }));
  }

  /** The next answer, to a request for `length` bytes from `offset` on; simple answers bring data when `length` is not 0. */
  async reply(offset = 0, length = 0): Promise<Reply> {
    const data = Buffer.alloc(length, 0xee);
    const blocks: BlockStatus[] = [];
    let [error, holes] = [0, 0];
    for (;;) {
      const start = await this.take(LENGTH.simpleReply);
      const simple = start.readUInt32BE(0) === NBD.simpleReplyMagic;
      if (simple) {
        error = start.readUInt32BE(4);
        if (error === 0 && length > 0) (await this.take(length)).copy(data);
        return { cookie: start.readBigUInt64BE(8), error, data, holes, blocks };
      }
      const head = decodeChunkHead(Buffer.concat([start, await this.take(LENGTH.structuredReply - LENGTH.simpleReply)]));
      const part = await this.take(head.length);
      if (head.type === CHUNK.data) part.copy(data, Number(part.readBigUInt64BE(0)) - offset, 8);
      else if (head.type === CHUNK.hole) {
        const at = Number(part.readBigUInt64BE(0)) - offset;
        data.fill(0, at, at + part.readUInt32BE(8));
        holes++;
      } else if (head.type === CHUNK.blockStatus) blocks.push(...decodeBlockStatus(part).blocks);
      else if (head.type === CHUNK.error) error = part.readUInt32BE(0);
      if (head.isLast) return { cookie: head.cookie, error, data, holes, blocks };
    }
  }

  /** Resolves when the server has hung up. */
  async hungUp(): Promise<void> {
    while (!this.closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    this.socket.destroy();
  }

  #listen(socket: Socket): void {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      this.#early = Buffer.concat([this.#early, bytes]);
      this.#wake();
    });
    socket.on('close', () => {
      this.closed = true;
      this.#wake();
    });
  }
}
