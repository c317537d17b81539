import { finished } from 'node:stream/promises';
import type { Ref } from '../../../model/ref.js';
import { ByteSource } from '../../../wire/xva/byte-source.js';
import { type Description, readDescription } from '../../../wire/xva/description.js';
import { TarReader } from '../../../wire/xva/tar-reader.js';
import { inPieces } from '../../../wire/xva/test-bytes.js';
import type { Api } from '../../api.js';
import { storageForVdi, volumeAddress } from '../../storage/placement.js';
import { testCall } from '../../testing/test-call.js';
import { exportVm } from '../export/export.js';
import { importVms } from '../import/import.js';

/** Bytes in which files come in. */
const PIECE = 65_536;

/** The file of a VM. */
export async function exported(api: Api, vm: Ref<'VM'>, preservePowerState = false): Promise<Buffer> {
  let file = Buffer.alloc(0);
  await exportVm(testCall(api), vm, { preservePowerState }, async (content) => {
    const pieces: Buffer[] = [];
    // The memory of a piece is used again for the next one.
    for await (const piece of content) pieces.push(Buffer.from(piece));
    file = Buffer.concat(pieces);
  });
  return file;
}

/** Imports a file into an SR. */
export function imported(
  api: Api,
  file: Buffer,
  sr: Ref<'SR'>,
  options: { restore?: boolean; force?: boolean } = {},
): Promise<Ref<'VM'>[]> {
  return importVms(testCall(api), inPieces(file, PIECE), sr, { restore: false, force: false, ...options });
}

/** The names of the files in a file, with their content. */
export async function filesOf(file: Buffer): Promise<Map<string, Buffer>> {
  const reader = new TarReader(new ByteSource(inPieces(file, PIECE)));
  const files = new Map<string, Buffer>();
  for (let entry = await reader.next(); entry; entry = await reader.next())
    files.set(entry.name, await reader.content(entry, file.length));
  return files;
}

/** What a file says of itself. */
export async function descriptionOf(file: Buffer): Promise<Description> {
  const description = (await filesOf(file)).get('ova.xml');
  if (!description) throw new Error('the file has no description');
  return readDescription(description);
}

/** Disks of a VM, without CDs, in the order of their positions. */
export function disksOf({ db }: Api, vm: Ref<'VM'>): Ref<'VDI'>[] {
  return db
    .get('VM', vm)
    .VBDs.map((ref) => db.get('VBD', ref))
    .filter(({ type, empty }) => type === 'Disk' && !empty)
    .sort((a, b) => Number(a.userdevice) - Number(b.userdevice))
    .map(({ VDI }) => VDI);
}

/** Writes into a disk at an offset in bytes. */
export async function writeDisk(api: Api, vdi: Ref<'VDI'>, offset: number, data: Buffer): Promise<void> {
  const stream = await storageForVdi(api, vdi).write(volumeAddress(api, vdi), offset);
  stream.end(data);
  await finished(stream);
}

/** Reads from a disk. */
export async function readDisk(api: Api, vdi: Ref<'VDI'>, offset: number, length: number): Promise<Buffer> {
  const content = await storageForVdi(api, vdi).open(volumeAddress(api, vdi), 'read');
  try {
    return await content.read(offset, length);
  } finally {
    await content.close();
  }
}
