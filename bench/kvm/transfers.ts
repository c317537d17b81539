import { randomFillSync } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import type { KvmDaemon } from './daemon.js';

const MIB = 2 ** 20;

/** Query of a transfer, without its session. */
export type Query = Readonly<Record<string, string>>;

/** Takes what the gateway sends to a new file, all of it on the disk at the end. curl runs on the host, as there is to be no network. */
export async function download(daemon: KvmDaemon, path: string, query: Query, file: string): Promise<void> {
  await daemon.host.run('curl', ['-sSf', '--no-buffer', '-o', file, url(daemon, path, query)]);
  await toDisk(file);
}

/** Sends a file to the gateway. Resolves to the result of the task. */
export async function upload(daemon: KvmDaemon, path: string, query: Query, file: string): Promise<string> {
  const { client } = daemon;
  const task = await client.call<string>('task.create', 'import', '');
  await daemon.host.run('curl', ['-sSf', '-T', file, url(daemon, path, { ...query, task_id: task })]);
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

/**
 * Takes memory for so many bytes of a file and lets go of it. Where this machine is a virtual one, memory that lies free for some
 * seconds goes back to the machine below, and to get it again costs ten times what it costs to write to it.
 */
export async function freshMemory(path: string, bytes: number): Promise<void> {
  const part = Buffer.alloc(MIB, 1);
  const file = await open(path, 'w');
  for (let at = 0; at < bytes; at += part.length) await file.write(part);
  await file.close();
  await rm(path);
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

/** Where the gateway serves what a client that is logged in asks for. */
export function url({ client, http }: KvmDaemon, path: string, query: Query): string {
  return `${http}/${path}?${new URLSearchParams({ session_id: client.session, ...query })}`;
}
