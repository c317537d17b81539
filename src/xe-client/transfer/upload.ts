import { type FileHandle, open } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { codeOf, describe } from '../problem.js';
import { isStandardInput, type World } from '../world.js';
import { fileFailed, fileMissing, operationFailed } from './failure.js';

/** What is sent. */
export interface Upload {
  /** Bytes; undefined where nobody knows before the end, as with pipes. */
  readonly size: number | undefined;
  readonly bytes: Readable;
}

/** Opens a file for sending. Rejects with TransferFailure. */
export async function openUpload(path: string, name: string, world: World): Promise<Upload> {
  if (isStandardInput(path)) return { size: undefined, bytes: world.stdin };
  const file = await openFile(path, name);
  const stat = await file.stat();
  if (stat.isDirectory()) {
    await file.close();
    throw fileFailed(name, 'EISDIR', '');
  }
  if (!stat.isFile()) return { size: undefined, bytes: file.createReadStream() };
  if (stat.size > 0) return { size: stat.size, bytes: file.createReadStream({ start: 0, end: stat.size - 1 }) };
  await file.close();
  return { size: 0, bytes: Readable.from([]) };
}

async function openFile(path: string, name: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') throw fileMissing(name);
    throw fileFailed(name, codeOf(thrown), describe(thrown));
  }
}

/** Sends everything. Resolves when the system has taken it; whether the server likes it, its task tells. Rejects with TransferFailure. */
export async function send({ size, bytes }: Upload, socket: Socket): Promise<void> {
  let sent = 0;
  // A generator in its place would never end where the connection does so in the middle.
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      sent += chunk.length;
      next(null, chunk);
    },
  });
  // A server may end its side as soon as it has seen enough.
  socket.allowHalfOpen = true;
  try {
    await pipeline(bytes, counter, socket);
  } catch (thrown) {
    throw operationFailed(describe(thrown));
  }
  if (size !== undefined && sent !== size) throw operationFailed('the file became shorter while it was sent');
}
