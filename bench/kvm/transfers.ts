import { randomFillSync } from 'node:crypto';
import { open } from 'node:fs/promises';
import { execute } from '../../test-support/libvirt/execute.js';
import type { KvmDaemon } from './daemon.js';

const MIB = 2 ** 20;

/** Query of a transfer, without its session. */
export type Query = Readonly<Record<string, string>>;

/** Takes what the gateway sends to a file, all of it on the disk at the end. */
export async function download(daemon: KvmDaemon, path: string, query: Query, file: string): Promise<void> {
  await execute('curl', ['-sSf', '-o', file, url(daemon, path, query)]);
  await toDisk(file);
}

/** Sends a file to the gateway. Resolves to the result of the task. */
export async function upload(daemon: KvmDaemon, path: string, query: Query, file: string): Promise<string> {
  const { client } = daemon;
  const task = await client.call<string>('task.create', 'import', '');
  await execute('curl', ['-sSf', '-T', file, url(daemon, path, { ...query, task_id: task })]);
  const status = await client.call<string>('task.get_status', task);
  if (status !== 'success') throw new Error(`an import ended as ${status}`);
  return client.call<string>('task.get_result', task);
}

/** Resolves when what a file has is on the disk. */
export async function toDisk(path: string): Promise<void> {
  const file = await open(path);
  await file.sync();
  await file.close();
}

/** A file of so many bytes. Three quarters of it are data that nothing compresses, in parts of 3 MiB. */
export async function writePattern(path: string, size: number): Promise<void> {
  const file = await open(path, 'w');
  await file.truncate(size);
  const part = Buffer.alloc(3 * MIB);
  for (let at = 0; at + part.length <= size; at += 4 * MIB) await file.write(randomFillSync(part), 0, part.length, at);
  await file.sync();
  await file.close();
}

function url({ client, http }: KvmDaemon, path: string, query: Query): string {
  return `${http}/${path}?${new URLSearchParams({ session_id: client.session, ...query })}`;
}
