import { Readable, Writable } from 'node:stream';
import type { SrStore } from './sr-store.js';

/** Bytes that are read or written at a time. */
const CHUNK = 2 ** 20;

/** The content of a disk from an offset on, holes as zeros. */
export function volumeReader(store: SrStore, location: string, offset: number): Readable {
  let at = offset;
  return new Readable({
    highWaterMark: CHUNK,
    read() {
      store
        .withChain(location, async (chain) => {
          const length = Math.min(CHUNK, chain.size - at);
          return length > 0 ? chain.read(at, length) : null;
        })
        .then(
          (bytes) => {
            at += bytes?.length ?? 0;
            this.push(bytes);
          },
          (thrown: Error) => this.destroy(thrown),
        );
    },
  });
}

/** Takes bytes for a disk from an offset on. Small pieces are gathered: a disk is written best in whole blocks. */
export function volumeWriter(store: SrStore, location: string, offset: number): Writable {
  let at = offset;
  let gathered: Buffer[] = [];
  let length = 0;
  const flush = async (keep: boolean): Promise<void> => {
    const all = Buffer.concat(gathered, length);
    // Up to a border of chunks, so that later writes start at one.
    const end = keep ? Math.max(0, length - ((at + length) % CHUNK)) : length;
    gathered = end < length ? [all.subarray(end)] : [];
    length -= end;
    if (end > 0) await store.write(location, at, all.subarray(0, end));
    at += end;
  };
  return new Writable({
    highWaterMark: CHUNK,
    write(chunk: Buffer, _encoding, done) {
      gathered.push(chunk);
      length += chunk.length;
      if (length < CHUNK) done();
      else flush(true).then(() => done(), done);
    },
    final(done) {
      flush(false).then(() => done(), done);
    },
  });
}
