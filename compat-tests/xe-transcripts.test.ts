import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ByteQueue } from '../src/wire/xe/byte-queue.js';
import { decodeServerMessage } from '../src/wire/xe/decode.js';
import { encodeHello, HELLO_LENGTH } from '../src/wire/xe/hello.js';
import type { ServerMessage } from '../src/wire/xe/messages.js';
import { Daemon, newDataDir, PASSWORD, remove } from '../test-support/daemon.js';
import { xeLine } from '../test-support/xe-lines.js';

// What other people's `xe` programs sent, byte for byte, and what they were told. They were run against this server
// through a recording proxy; `<uuid>` and `<ref>` stand for what differs each time, `{{name}}` for what an earlier line gave.

const message = z.array(z.union([z.string(), z.number()]));
const transcript = z.object({
  client: z.string(),
  lines: z.array(
    z.object({
      line: z.string(),
      bind: z.string().optional(),
      conversation: z.array(
        z.union([z.object({ client: z.string() }), z.object({ clientHex: z.string() }), z.object({ server: z.array(message) })]),
      ),
      /** The request that the client makes when it is told to transfer a file. */
      transfer: z
        .array(z.union([z.tuple([z.literal('client'), z.string()]), z.tuple([z.literal('server'), z.string(), z.string()])]))
        .optional(),
    }),
  ),
});
type Line = z.infer<typeof transcript>['lines'][number];

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const REF = /OpaqueRef(?::|%3A)[0-9a-f-]{36}/g;
const withoutNames = (text: string) => text.replace(REF, '<ref>').replace(UUID, '<uuid>');

let daemon: Daemon;

async function open(): Promise<{ socket: Socket; queue: ByteQueue }> {
  const socket = connect(daemon.port, '127.0.0.1');
  const queue = new ByteQueue();
  socket.on('data', (bytes: Buffer) => queue.push(bytes));
  socket.on('error', (error) => queue.end(error));
  socket.on('end', () => queue.end(new Error('the server has closed')));
  await once(socket, 'connect');
  return { socket, queue };
}

/** A message as transcripts have it. */
function noted(shown: ServerMessage): (string | number)[] {
  switch (shown.kind) {
    case 'exit':
      return [shown.kind, shown.code];
    case 'load':
      return [shown.kind, shown.fileName];
    case 'http-get':
    case 'http-put':
      return [shown.kind, shown.fileName, withoutNames(shown.url)];
    case 'error':
      return [shown.kind, shown.code, ...shown.params.map(withoutNames)];
    case 'prompt':
      return [shown.kind];
    case 'http-connect':
      return [shown.kind, withoutNames(shown.url)];
    default:
      return [shown.kind, withoutNames(shown.text)];
  }
}

async function transfer(parts: NonNullable<Line['transfer']>, url: string): Promise<void> {
  const { socket, queue } = await open();
  for (const [from, text, body] of parts) {
    if (from === 'client') {
      socket.write(text.replace('{{url}}', url));
      continue;
    }
    const head = (await queue.takeThrough(Buffer.from('\r\n\r\n'), 10_000))?.toString() ?? '';
    expect(head.split('\r\n')[0]).toMatch(/^HTTP\/1\.[01] 200 /);
    if (body) expect((await queue.take(Buffer.byteLength(body))).toString()).toBe(body);
  }
  socket.end();
  if (!socket.readableEnded) await Promise.race([once(socket, 'end'), once(socket, 'close')]);
  socket.destroy();
}

/** Plays one line; resolves with the first text that the server printed. */
async function play({ conversation, transfer: request }: Line, fill: (text: string) => string): Promise<string> {
  const { socket, queue } = await open();
  let printed: string | undefined;
  for (const part of conversation) {
    if ('client' in part) socket.write(fill(part.client));
    else if ('clientHex' in part) socket.write(Buffer.from(part.clientHex, 'hex'));
    else {
      for (const due of part.server) {
        if (due[0] === 'hello') {
          expect((await queue.take(HELLO_LENGTH)).equals(encodeHello())).toBe(true);
          continue;
        }
        const shown = decodeServerMessage(await queue.take((await queue.take(4)).readInt32LE()));
        expect(noted(shown)).toEqual(due);
        if (shown.kind === 'print') printed ??= shown.text;
        if ((shown.kind === 'http-get' || shown.kind === 'http-put') && request) await transfer(request, shown.url);
      }
    }
  }
  // After the exit code there is nothing but the end.
  await expect(queue.take(1)).rejects.toThrow('the server has closed');
  socket.destroy();
  return printed ?? '';
}

describe.each(['unix', 'windows'])('%s', (name) => {
  const { lines } = transcript.parse(JSON.parse(readFileSync(new URL(`./xe-transcripts/${name}.json`, import.meta.url), 'utf8')));
  const values = new Map<string, string>();
  let dataDir: string;

  beforeAll(async () => {
    dataDir = await newDataDir();
    daemon = await Daemon.start(dataDir, { emulate: 'hosts=2,vms=4,running=2' });
  });

  afterAll(async () => {
    await daemon?.stop();
    await remove(dataDir);
  });

  it.each(lines.map((line) => ({ name: line.line, line })))('$name', async ({ line }) => {
    if (!values.has('pool')) values.set('pool', (await xeLine(daemon.port, PASSWORD, 'pool-list', '--minimal')).out.trim());
    const printed = await play(line, (text) =>
      text.replace(/\{\{(\w+)\}\}/g, (_, variable: string) => values.get(variable) ?? ''),
    );
    if (line.bind !== undefined) values.set(line.bind, printed);
  });
});
