import type { OvfDisk } from '../../../../wire/ovf/envelope.js';
import { ByteSource } from '../../../../wire/xva/byte-source.js';
import { badFile } from '../../../../wire/xva/file-error.js';
import type { TarEntry, TarReader } from '../../../../wire/xva/tar-reader.js';
import { openDiskStream } from '../../../storage/raw-disk/disk-stream.js';
import { FileSpool } from '../../../storage/raw-disk/file-spool.js';
import { decompressed } from '../../compression.js';
import type { Work } from '../../export/export.js';
import type { StreamedDisk } from '../vm-file.js';
import { writeDisk } from '../write-disk.js';
import { formatOf } from './disk-format.js';
import type { FileChecks } from './file-checks.js';

/** A disk whose file is in the appliance. */
export interface FiledDisk {
  readonly described: OvfDisk;
  readonly streamed: StreamedDisk;
}

/** Writes the disks of an appliance, whose files come in any order, to VDIs that hold zeros. Throws as formats and storage do. */
export async function fillDisks(work: Work, tar: TarReader, disks: readonly FiledDisk[], checks: FileChecks): Promise<void> {
  const { task } = work;
  const missing = new Map(disks.flatMap((disk) => (disk.described.file === undefined ? [] : [[disk.described.file.href, disk]])));
  const total = disks.reduce((sum, { streamed }) => sum + streamed.size, 0) || 1;
  let before = 0;
  for (let entry = await tar.next(); entry; entry = await tar.next()) {
    if (await checks.takeManifest(tar, entry)) continue;
    const bytes = checks.passing(entry.name, tar.stream(entry));
    const disk = missing.get(entry.name);
    missing.delete(entry.name);
    if (disk === undefined) for await (const _ of bytes) task.check();
    else {
      const start = before;
      await fill(work, disk, entry, bytes, (share) => task.progress((start + share * disk.streamed.size) / total));
      before += disk.streamed.size;
    }
  }
  const [name] = missing.keys();
  if (name !== undefined) throw badFile(`the appliance lacks its file ${name.slice(0, 200)}`);
}

async function fill(
  work: Work,
  { described, streamed }: FiledDisk,
  { name, size: length }: TarEntry,
  bytes: AsyncGenerator<Buffer, void, void>,
  seen: (share: number) => void,
): Promise<void> {
  const isGzip = described.file?.isGzip === true;
  const outer = new ByteSource(bytes);
  const source = isGzip ? new ByteSource(decompressed('gzip', outer.rest())) : outer;
  const spool = new FileSpool();
  try {
    const form = { format: formatOf(name, described), chunked: false, length: isGzip ? undefined : length };
    const stream = await openDiskStream(source, form, streamed.size, spool);
    if (stream.size !== undefined && stream.size > streamed.size)
      throw badFile(`${name} holds a larger disk than the appliance says`);
    await writeDisk(work, streamed.vdi, stream, () => {
      work.task.check();
      seen(length === 0 ? 1 : outer.taken / length);
    });
    // What is behind the disk in its file is looked at for the sake of the digest.
    for await (const _ of source.rest()) work.task.check();
    for await (const _ of outer.rest()) work.task.check();
  } finally {
    await spool.close();
    await source.close();
  }
}
