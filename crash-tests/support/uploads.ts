import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SturdyDaemon } from './sturdy-daemon.js';

/** What became of an upload. */
export interface Outcome {
  readonly status: string;
  readonly error: readonly string[];
}

/** Bytes from which on uploads take another way through the daemon. */
export const LARGE = 5 * 2 ** 20;

const CLASSES = ['VM', 'VDI', 'VBD', 'VIF', 'VM_metrics', 'network'];

/** Everything that an import makes: references of objects, and the files of their disks. */
export async function everything({ rpc, daemon }: SturdyDaemon): Promise<string[]> {
  const objects = (await Promise.all(CLASSES.map((name) => rpc.call<string[]>(`${name}.get_all`)))).flat();
  const files = readdirSync(daemon.dataDir, { recursive: true, encoding: 'utf8' });
  const kept = files.filter((name) => /^(?:emulated|unfinished-imports)\//.test(name) && !/\.(?:db|json)[-\w]*$/.test(name));
  return [...objects, ...kept].sort();
}

/**
 * Sends bytes as the body of an upload, whose head promises `length` of them, and closes the connection when they are fewer. Resolves
 * to what the task has ended with.
 */
export async function upload(
  { rpc, daemon }: SturdyDaemon,
  path: string,
  query: Readonly<Record<string, string>>,
  body: Buffer,
  length = body.length,
): Promise<Outcome> {
  const task = await rpc.call<string>('task.create', 'upload', '');
  const target = `${path}?${new URLSearchParams({ session_id: rpc.session, task_id: task, ...query })}`;
  const socket = connect(daemon.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.resume();
  socket.write(`PUT ${target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n`);
  if (body.length < length) socket.end(body);
  else socket.write(body);
  try {
    for (;;) {
      const status = await rpc.call<string>('task.get_status', task);
      if (status !== 'pending') return { status, error: await rpc.call<string[]>('task.get_error_info', task) };
      await sleep(10);
    }
  } finally {
    socket.destroy();
    await rpc.call('task.destroy', task);
  }
}

/** The SR that takes disks of whoever names none. */
export async function defaultSr({ rpc }: SturdyDaemon): Promise<string> {
  const [pool] = await rpc.call<string[]>('pool.get_all');
  return rpc.call<string>('pool.get_default_SR', pool ?? '');
}
