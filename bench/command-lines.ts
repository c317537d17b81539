import { connect } from 'node:net';
import { ByteQueue } from '../src/wire/xe/byte-queue.js';
import { decodeServerMessage } from '../src/wire/xe/decode.js';
import { encodeHello, HELLO_LENGTH } from '../src/wire/xe/hello.js';
import { encodeRequest } from '../src/wire/xe/request.js';
import { type MeasuredDaemon, PASSWORD } from './daemon.js';
import { percentile, timed } from './statistics.js';
import type { Row } from './table.js';

const ROUNDS = 20;

/** Command lines of `xe` from the connect to the exit code, with a client that does as little as it can. */
export async function measureCommandLines({ port }: MeasuredDaemon, vms: number): Promise<Row[]> {
  const [uuid = ''] = (await commandLine(port, 'vm-list', '--minimal')).split(',');
  const time = async (...words: string[]): Promise<number> => {
    const samples: number[] = [];
    for (let round = 0; round < ROUNDS; round++) samples.push(await timed(() => commandLine(port, ...words)));
    return percentile(samples, 0.5);
  };
  const many = `${vms.toLocaleString('en')} VMs`;
  return [
    { what: `\`xe vm-list\`, ${many}`, measured: await time('vm-list'), unit: 'ms', limit: 150, better: 'less' },
    {
      what: `\`xe vm-list --minimal\`, ${many}`,
      measured: await time('vm-list', '--minimal'),
      unit: 'ms',
      limit: 50,
      better: 'less',
    },
    {
      what: `\`xe vm-list uuid= params=name-label --minimal\`, ${many}`,
      measured: await time('vm-list', `uuid=${uuid}`, 'params=name-label', '--minimal'),
      unit: 'ms',
      limit: 50,
      better: 'less',
    },
    {
      what: 'completion: `xe help --minimal --all`',
      measured: await time('help', '--minimal', '--all'),
      unit: 'ms',
      limit: 100,
      better: 'less',
    },
    {
      what: `completion: \`xe vm-list --minimal params=name-label\`, ${many}`,
      measured: await time('vm-list', '--minimal', 'params=name-label'),
      unit: 'ms',
      limit: 100,
      better: 'less',
    },
  ];
}

/** Runs a command line; resolves with what it printed. Rejects when it failed. */
async function commandLine(port: number, ...words: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const queue = new ByteQueue();
  socket.on('data', (bytes: Buffer) => queue.push(bytes));
  socket.on('error', (error) => queue.end(error));
  socket.on('close', () => queue.end(new Error('closed')));
  socket.write(Buffer.concat([encodeRequest([...words, 'username=root', `password=${PASSWORD}`], {}), encodeHello()]));
  let printed = '';
  await queue.take(HELLO_LENGTH);
  for (;;) {
    const message = decodeServerMessage(await queue.take((await queue.take(4)).readInt32LE()));
    if (message.kind === 'print') printed += message.text;
    else if (message.kind === 'exit') {
      socket.destroy();
      if (message.code !== 0) throw new Error(`xe ${words.join(' ')} ended with ${message.code}`);
      return printed;
    }
  }
}
