import { constants } from 'node:fs';
import { type FileHandle, lstat, open, unlink } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { asOutputClosed } from '../output.js';
import { codeOf, describe, OutputClosed } from '../problem.js';
import type { World } from '../world.js';
import { fileFailed, operationFailed, TransferFailure } from './failure.js';

/** Copies a body to standard output. Rejects with TransferFailure when it breaks off, with OutputClosed when nobody reads. */
export async function copyToOutput(body: Socket, world: World): Promise<void> {
  await pipeline(body, world.stdout, { end: false }).catch((thrown) => {
    const error = asOutputClosed(thrown);
    throw error instanceof OutputClosed ? error : operationFailed(describe(thrown));
  });
}

/**
 * Copies a body to a file that may not exist yet and that only the user can read. Rejects with TransferFailure; a file that
 * would hold a part only is removed.
 *
 * @param name the file as the user named it, for errors
 */
export async function copyToFile(body: Socket, path: string, name: string): Promise<void> {
  const file = await create(path, name);
  try {
    await pipeline(body, file.createWriteStream());
  } catch (thrown) {
    await unlink(path).catch(() => {});
    throw thrown instanceof TransferFailure ? thrown : operationFailed(describe(thrown));
  }
}

/** Rejects with TransferFailure when there is something of that name. */
export async function refuseExisting(path: string, name: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found) throw fileFailed(name, 'EEXIST', '');
}

async function create(path: string, name: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  } catch (thrown) {
    throw fileFailed(name, codeOf(thrown), describe(thrown));
  }
}
