import { tarFile } from './disk-writer.js';
import { tarEnd } from './tar-header.js';

/** A stream of bytes in pieces of so many. */
export async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer, void, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** A tar file of these files. */
export function tarOf(files: Iterable<readonly [name: string, content: Buffer | string]>): Buffer {
  const entries = [...files].flatMap(([name, content]) => tarFile(name, [Buffer.from(content)], 0));
  return Buffer.concat([...entries, tarEnd()]);
}

/** Everything that a stream yields. */
export async function gathered<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of stream) all.push(item);
  return all;
}
