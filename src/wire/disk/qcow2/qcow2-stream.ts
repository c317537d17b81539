import type { ByteSource } from '../../xva/byte-source.js';
import { badFile } from '../../xva/file-error.js';
import type { DiskPiece, DiskStream } from '../disk-stream.js';
import { type FileRun, FileRuns } from '../file-runs.js';
import type { Spool } from '../spool.js';
import { SpooledSource } from '../spooled-source.js';
import { inflateCluster } from './compressed-cluster.js';
import { decodeHeader, HEADER_LENGTH, type Qcow2Header } from './header.js';
import { entriesOf, placeOf } from './tables.js';

/**
 * Reads a qcow2 image from start to end. Most images have their tables before the data of which they tell. What passes before
 * anything has told of it is kept in `spool`, and so is what is compressed, as nothing tells exactly where it ends. Throws
 * IMPORT_ERROR, IMPORT_ERROR_PREMATURE_EOF.
 */
export async function qcow2Stream(source: ByteSource, spool: Spool): Promise<DiskStream> {
  const header = decodeHeader(await source.exactly(HEADER_LENGTH));
  return {
    size: header.size,
    wholeUpTo: Infinity,
    mayRepeat: false,
    pieces: () => new ImageReader(source, spool, header).pieces(),
  };
}

class ImageReader {
  readonly #source: ByteSource;
  readonly #image: SpooledSource;
  readonly #spool: Spool;
  readonly #header: Qcow2Header;
  /** Tables and data that have to be read. */
  readonly #runs = new FileRuns();
  readonly #compressed = new FileRuns();

  constructor(source: ByteSource, spool: Spool, header: Qcow2Header) {
    this.#source = source;
    this.#image = new SpooledSource(source, spool, 'qcow2 image');
    this.#spool = spool;
    this.#header = header;
  }

  async *pieces(): AsyncGenerator<DiskPiece, void, void> {
    const { l1, size, clusterSize } = this.#header;
    const tables = Math.ceil(size / clusterSize / (clusterSize / 8));
    if (tables > 0) this.#addTables(await this.#image.read(l1.at, tables * 8));
    for (let run = this.#runs.take(); run !== undefined; run = this.#runs.take()) {
      if (run.offset < 0) this.#addData(await this.#image.read(run.at, run.length), -1 - run.offset);
      else yield* this.#image.pieces(run.at, run.length, run.offset);
    }
    const first = this.#compressed.take();
    // To the end in any case: whoever sends is to know that all has come.
    for await (const bytes of this.#source.rest())
      if (first !== undefined) await this.#spool.keep(this.#source.taken - bytes.length, bytes);
    for (let run = first; run !== undefined; run = this.#compressed.take()) yield await this.#inflated(run);
  }

  #addTables(table: Buffer): void {
    const { clusterSize } = this.#header;
    for (let index = 0; index * 8 < table.length; index++) {
      const at = placeOf(table, index, clusterSize);
      if (at > 0) this.#runs.add({ at, length: clusterSize, offset: -1 - index });
    }
  }

  #addData(table: Buffer, index: number): void {
    const { size, clusterSize } = this.#header;
    const start = index * (clusterSize / 8) * clusterSize;
    for (const entry of entriesOf(table, clusterSize)) {
      const offset = start + entry.cluster * clusterSize;
      if (offset >= size) continue;
      if (entry.kind === 'compressed') this.#compressed.add({ at: entry.at, length: entry.length, offset });
      else this.#runs.add({ at: entry.at, length: Math.min(entry.count * clusterSize, size - offset), offset });
    }
  }

  async #inflated({ at, length, offset }: FileRun): Promise<DiskPiece> {
    const { size, clusterSize } = this.#header;
    // The last sector that an entry tells of may lie behind the end of the file.
    const bytes = await this.#spool.find(at, Math.min(length, this.#source.taken - at));
    if (bytes === undefined) throw badFile('parts of the qcow2 image lie over one another');
    return { offset, data: inflateCluster(bytes, clusterSize).subarray(0, size - offset) };
  }
}
