import type { Socket } from 'node:net';
import { ByteQueue } from '../../wire/xe/byte-queue.js';
import { decodeClientMessage } from '../../wire/xe/decode.js';
import { encodeServerMessage } from '../../wire/xe/encode.js';
import { checkHello, encodeHello, HELLO_LENGTH } from '../../wire/xe/hello.js';
import type { ClientMessage, ServerMessage } from '../../wire/xe/messages.js';

/** The client at the other end of one connection of a scripted server. */
export class Peer {
  readonly socket: Socket;
  /** Head of the request that the connection began with. */
  head = '';
  readonly #queue = new ByteQueue();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes) => this.#queue.push(bytes));
    socket.on('close', () => this.#queue.end(new Error('the client has closed')));
    socket.on('end', () => this.#queue.end(new Error('the client has ended')));
    socket.on('error', () => {});
  }

  async readHead(): Promise<void> {
    while (!this.head.endsWith('\r\n\r\n')) this.head += (await this.take(1)).toString('latin1');
  }

  take(size: number): Promise<Buffer> {
    return this.#queue.take(size);
  }

  /** Bytes that have come and were not taken. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Everything until the client ends its side. */
  async rest(): Promise<Buffer> {
    const bytes: Buffer[] = [];
    for (;;) {
      try {
        bytes.push(await this.take(1));
      } catch {
        return Buffer.concat(bytes);
      }
    }
  }

  /** The words of a command line. */
  async words(): Promise<string[]> {
    const length = Number(/^content-length: (\d+)\r$/m.exec(this.head)?.[1]);
    return (await this.take(length)).toString().split('\n');
  }

  async greet(): Promise<void> {
    this.socket.write(encodeHello());
    checkHello(await this.take(HELLO_LENGTH));
  }

  say(...messages: readonly ServerMessage[]): void {
    for (const message of messages) this.socket.write(encodeServerMessage(message));
  }

  async hear(): Promise<ClientMessage> {
    return decodeClientMessage(await this.take((await this.take(4)).readInt32LE()));
  }

  /** A blob of one chunk. */
  async hearBlob(): Promise<Buffer> {
    const chunk = await this.hear();
    if (chunk.kind !== 'chunk') throw new Error(`${chunk.kind} where a chunk was due`);
    const bytes = await this.take(chunk.size);
    const { kind } = await this.hear();
    if (kind !== 'end') throw new Error(`${kind} where the end was due`);
    return bytes;
  }

  exit(code = 0): void {
    this.say({ kind: 'exit', code });
    this.socket.end();
  }
}
