import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { ApiError } from '../../model/error.js';
import { DIGEST_SIZE } from './block-digests.js';

/** Keeps the digests of a disk whose data is about to go, so that other disks can still be compared with it. */
export async function keepDigests(dataDir: string, uuid: string, digests: AsyncIterable<Buffer>): Promise<void> {
  const file = digestsFile(dataDir, uuid);
  const unfinished = `${file}.part`;
  await mkdir(join(dataDir, FOLDER), { recursive: true, mode: 0o700 });
  await pipeline(Readable.from(digests), createGzip({ level: 1 }), createWriteStream(unfinished, { mode: 0o600, flush: true }));
  await rename(unfinished, file);
}

/** The digests that were kept of a disk, some at a time. Throws VDI_NO_CBT_METADATA when there are none. */
export async function* keptDigests(dataDir: string, uuid: string, vdi: string): AsyncGenerator<Buffer> {
  const unzip = createGunzip();
  const reading = pipeline(createReadStream(digestsFile(dataDir, uuid)), unzip);
  reading.catch((thrown: Error) => unzip.destroy(thrown));
  let rest = Buffer.alloc(0);
  try {
    for await (const piece of unzip as AsyncIterable<Buffer>) {
      rest = Buffer.concat([rest, piece]);
      const whole = rest.length - (rest.length % DIGEST_SIZE);
      if (whole > 0) yield rest.subarray(0, whole);
      rest = rest.subarray(whole);
    }
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') throw new ApiError('VDI_NO_CBT_METADATA', vdi);
    throw thrown;
  }
}

/** Removes the digests that were kept of a disk. */
export async function forgetDigests(dataDir: string, uuid: string): Promise<void> {
  await rm(digestsFile(dataDir, uuid), { force: true });
}

const FOLDER = 'changed-blocks';

function digestsFile(dataDir: string, uuid: string): string {
  return join(dataDir, FOLDER, uuid);
}
