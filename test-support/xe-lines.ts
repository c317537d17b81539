import { connect } from 'node:net';
import { ByteQueue } from '../src/wire/xe/byte-queue.js';
import { decodeServerMessage } from '../src/wire/xe/decode.js';
import { encodeHello, HELLO_LENGTH } from '../src/wire/xe/hello.js';
import type { ServerMessage } from '../src/wire/xe/messages.js';
import { encodeRequest } from '../src/wire/xe/request.js';

/** What a command line has come to. `code` is undefined when the server closed without one. */
export interface XeOutcome {
  readonly out: string;
  readonly err: string;
  readonly code: number | undefined;
}

/** Sends one command line with no client behind it: shows are collected, and whatever is asked of it stays without an answer. */
export async function xeLine(port: number, password: string, ...words: readonly string[]): Promise<XeOutcome> {
  const socket = connect(port, '127.0.0.1');
  const queue = new ByteQueue();
  socket.on('data', (bytes: Buffer) => queue.push(bytes));
  socket.on('error', () => undefined);
  socket.on('close', () => queue.end(new Error('closed')));
  socket.write(Buffer.concat([encodeRequest([...words, 'username=root', `password=${password}`], {}), encodeHello()]));
  let [out, err] = ['', ''];
  let code: number | undefined;
  try {
    await queue.take(HELLO_LENGTH);
    for (;;) {
      const message: ServerMessage = decodeServerMessage(await queue.take((await queue.take(4)).readInt32LE()));
      if (message.kind === 'print') out += `${message.text}\n`;
      else if (message.kind === 'print-error') err += message.text;
      else if (message.kind === 'error') err += `${message.code}: ${message.params.join(', ')}\n`;
      else if (message.kind === 'exit') code = message.code;
    }
  } catch {
    socket.destroy();
    return { out, err, code };
  }
}
