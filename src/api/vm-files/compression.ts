import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { ApiError } from '../../model/error.js';
import { badFile, earlyEnd } from '../../wire/xva/file-error.js';

/** How a file may be compressed. */
export type Compression = 'none' | 'gzip' | 'zstd';

/** Bytes that go through gzip at a time. */
const PIECE = 256 * 1024;

/** Characters of what a program complains of that are kept. */
const COMPLAINT = 1000;

/** How files begin that are compressed. */
const BEGINNINGS: readonly (readonly [Compression, Buffer])[] = [
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ['gzip', Buffer.from([0x1f, 0x8b])],
];

/** Bytes of a file that tell how it is compressed. */
export const TELLING_BYTES = 4;

/** How a file with these first bytes is compressed. */
export function compressionOf(beginning: Buffer): Compression {
  const [kind] = BEGINNINGS.find(([, bytes]) => beginning.subarray(0, bytes.length).equals(bytes)) ?? ['none'];
  return kind;
}

/** Resolves when content can be compressed in a way. Rejects with OPERATION_NOT_ALLOWED, which names what is missing. */
export async function assertCanCompress(kind: Compression): Promise<void> {
  if (kind !== 'zstd') return;
  // It comes with a program of its own: this version of Node.js has no code for it.
  const child = spawn('zstd', ['--version'], { stdio: 'ignore' });
  try {
    await once(child, 'spawn');
  } catch {
    throw noZstd();
  }
  await once(child, 'close');
}

function noZstd(): ApiError {
  return new ApiError(
    'OPERATION_NOT_ALLOWED',
    'zstd compression needs the program zstd on this server: install the package zstd',
  );
}

/** Compresses content on its way. The memory of what it takes is its own only until the next piece is asked for. */
export function compressed(kind: Compression, content: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  switch (kind) {
    case 'none':
      return content;
    case 'gzip':
      return through(createGzip({ chunkSize: PIECE }), content);
    case 'zstd':
      return throughZstd([], content);
  }
}

/** Pieces whose memory nobody else uses again: what feeds a compressor has more than one on its way. */
async function* ownMemory(content: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  for await (const piece of content) yield Buffer.from(piece);
}

/** Undoes the compression of a file on its way. Throws IMPORT_ERROR and IMPORT_ERROR_PREMATURE_EOF, and what `content` throws. */
export async function* decompressed(kind: Compression, content: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  try {
    if (kind === 'none') yield* content;
    else if (kind === 'gzip') yield* through(createGunzip({ chunkSize: PIECE }), content);
    else yield* throughZstd(['--decompress'], content);
  } catch (thrown) {
    if (kind === 'none' || !(thrown instanceof Error) || thrown instanceof ApiError) throw thrown;
    if ('code' in thrown && thrown.code === 'Z_BUF_ERROR') throw earlyEnd();
    throw badFile(`the file cannot be decompressed: ${thrown.message}`);
  }
}

async function* through(
  transform: NodeJS.ReadWriteStream & AsyncIterable<Buffer>,
  content: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void, void> {
  const feeding = pipeline(ownMemory(content), transform);
  // Its errors come out of the transform; when nobody wants any more it is told so by that.
  feeding.catch(() => undefined);
  yield* transform;
}

async function* throughZstd(args: readonly string[], content: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  const child = spawn('zstd', ['--quiet', '--stdout', ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = once(child, 'close').catch((error: unknown) => {
    throw error instanceof Error && 'code' in error && error.code === 'ENOENT' ? noZstd() : error;
  });
  let failed: unknown;
  const feeding = pipeline(ownMemory(content), child.stdin).catch((error: unknown) => {
    // It closes its input when it gives up, and says itself why.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPIPE')) failed = error;
  });
  ended.catch(() => undefined);
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (complaint.length < COMPLAINT) complaint += text;
  });
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    await feeding;
    if (failed !== undefined) throw failed;
    const [code] = (await ended) as [number | null];
    if (code === 0) return;
    throw /premature|unexpected end|truncated/i.test(complaint) ? earlyEnd() : badFile(`zstd: ${complaint.trim()}`);
  } finally {
    child.kill();
  }
}
