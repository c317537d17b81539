import type { Volume } from '../../host/storage.js';
import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { replaceRecords } from './move-records.js';
import { storageForSr } from './placement.js';
import { type CopyNote, UnfinishedCopies } from './unfinished-copies.js';
import { removeVdiRecord } from './vdi-record.js';

/**
 * Finishes or undoes copies and moves of disks that a kill of the daemon has ended. A running domain that has gone over to the new
 * place stays there; one that has not stays where it was, and nobody copies on. Called at the start, when storage is attached and
 * before anybody looks what is in it.
 */
export async function finishCopies(api: Api): Promise<void> {
  const notes = new UnfinishedCopies(api.dataDir);
  for (const { name, note } of await notes.all()) {
    if (!note) {
      api.log.error({ name }, 'a note on a copy of a disk cannot be read: what was copied stays');
      continue;
    }
    try {
      await finish(api, note);
      await api.db.durable();
      await notes.end(name);
    } catch (thrown) {
      // What lies in an SR that is away is found when it is back.
      api.log.warn({ err: thrown, volume: note.volume }, 'a copy of a disk that was broken off could not be removed');
    }
  }
}

async function finish(api: Api, note: CopyNote): Promise<void> {
  const { db } = api;
  const sr = db.table('SR').refsByUuid.get(note.sr) as Ref<'SR'> | undefined;
  if (sr === undefined) return;
  const vdi = db.table('VDI').refsByUuid.get(note.volume) as Ref<'VDI'> | undefined;
  if (vdi !== undefined && !note.filling) {
    // It is complete and recorded; only the old place may still be there.
    if (note.moves) await freeOldPlace(api, note.moves);
    return;
  }
  const storage = storageForSr(api, sr);
  const volume = (await storage.scan(note.sr)).find(({ uuid }) => uuid === note.volume);
  if (volume && note.drive && (await hasGoneOver(api, note, volume))) {
    const moved = note.moves && (db.table('VDI').refsByUuid.get(note.moves.vdi) as Ref<'VDI'> | undefined);
    if (moved === undefined) return;
    api.log.warn({ vdi: note.moves?.vdi, volume: note.volume }, 'a disk of a running VM has moved; its records follow');
    db.transaction(() => replaceRecords(api, [{ from: moved, volume }], sr));
    await db.durable();
    if (note.moves) await freeOldPlace(api, note.moves);
    return;
  }
  if (volume) await storage.destroyVolume({ sr: note.sr, location: volume.location });
  if (vdi !== undefined) removeVdiRecord(db, vdi);
  api.log.warn({ volume: note.volume }, 'a copy of a disk that was broken off is undone');
}

/** Whether the domain works on the new volume already. If not, it is told to give the move up. */
async function hasGoneOver({ db, hosts }: Api, { sr, drive }: CopyNote, { location }: Volume): Promise<boolean> {
  if (!drive) return false;
  const host = db.table('host').refsByUuid.get(drive.host) as Ref<'host'> | undefined;
  const compute = host === undefined ? undefined : hosts.find(host)?.compute;
  if (!compute) throw new Error(`the host ${drive.host} of the disk is away`);
  await compute.abandonMove(drive.domain, drive.vbd);
  const found = await compute.describeOne(drive.domain);
  const disk = found?.disks.find(({ vbd }) => vbd === drive.vbd);
  return disk?.volume?.sr === sr && disk.volume.location === location;
}

/** The data of a disk that is elsewhere now, unless a record still leads to it. */
async function freeOldPlace(api: Api, { sr, location }: NonNullable<CopyNote['moves']>): Promise<void> {
  const { db } = api;
  const ref = db.table('SR').refsByUuid.get(sr);
  if (ref === undefined || db.filter('VDI', (vdi) => vdi.SR === ref && vdi.location === location).length > 0) return;
  const storage = storageForSr(api, ref);
  const isThere = (await storage.scan(sr)).some((volume) => volume.location === location);
  if (isThere) await storage.destroyVolume({ sr, location });
}
