/** Bytes of a cluster: what QEMU itself makes. */
export const CLUSTER = 2 ** 16;
/** Clusters that a table of the second level tells of. */
export const L2_ENTRIES = CLUSTER / 8;
/** Clusters whose users one cluster counts. */
const REFCOUNTS = CLUSTER / 2;
/** In the highest bits of entries of tables: nobody else uses what they point to. */
const COPIED = 0x80000000;

/** Entries of the first table of a disk of so many bytes. */
export function l1EntriesOf(size: number): number {
  return Math.max(1, Math.ceil(size / CLUSTER / L2_ENTRIES));
}

/** Clusters that count the users of clusters, and those that tell where they are. */
export interface Refcounts {
  readonly blocks: number;
  readonly table: number;
}

/** What it takes to count the users of so many clusters and of what counts them. */
export function refcountsFor(clusters: number): Refcounts {
  let found: Refcounts = { blocks: 1, table: 1 };
  for (;;) {
    const blocks = Math.ceil((clusters + found.blocks + found.table) / REFCOUNTS);
    const table = Math.ceil(blocks / L2_ENTRIES);
    if (blocks === found.blocks && table === found.table) return found;
    found = { blocks, table };
  }
}

/** The counters of the first so many clusters, of which each is used once. In pieces of a cluster, the last one shorter. */
export function* refcountBlocks(clusters: number): Generator<Buffer> {
  for (let counted = 0; counted < clusters; counted += REFCOUNTS)
    yield Buffer.alloc(Math.min(REFCOUNTS, clusters - counted) * 2, Buffer.from([0, 1]));
}

/** Where the counters are: one cluster after the other, from a place in bytes on. */
export function refcountTable(blocks: number, at: number): Buffer {
  const table = Buffer.alloc(blocks * 8);
  for (let block = 0; block < blocks; block++) putPlace(table, block, at + block * CLUSTER, 0);
  return table;
}

/** Writes into a table where something is that nobody else uses. */
export function putOwn(table: Buffer, index: number, at: number): void {
  putPlace(table, index, at, COPIED);
}

/** Plain numbers: there is an entry for each cluster of a disk. */
function putPlace(table: Buffer, index: number, at: number, flags: number): void {
  table.writeUInt32BE((flags | Math.floor(at / 2 ** 32)) >>> 0, index * 8);
  table.writeUInt32BE(at % 2 ** 32, index * 8 + 4);
}
