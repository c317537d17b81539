import type { Storage, Volume } from '../../host/storage.js';
import { ApiError } from '../../model/error.js';
import { isNullRef, type Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import type { Call } from '../call.js';
import { copyVolume, newCopy } from './copy.js';
import { driverFeatures } from './driver-features.js';
import { type MovedVolume, replaceRecords } from './move-records.js';
import { isPluggedOn, storageForVdi, volumeAddress } from './placement.js';
import { readSpace, recordSpace } from './space.js';
import { type CopyNote, UnfinishedCopies } from './unfinished-copies.js';

type Work = Pick<Call, 'api' | 'task'>;

/** A disk with its copy elsewhere, and the note on it. */
interface Moved extends MovedVolume {
  readonly storage: Storage;
  readonly note: string;
}

/** What the drivers of both SRs must offer. */
const NEEDED = ['VDI_SNAPSHOT', 'VDI_MIRROR'];

/**
 * Moves a disk with its snapshots to another SR, also while a running VM uses it; its drives then have the new one.
 * Resolves with the new disk; one that is there already stays. The caller has the operations: `migrate_send` of the
 * VM, `mirror` of the disk.
 */
export async function moveVdi(work: Work, vdi: Ref<'VDI'>, sr: Ref<'SR'>): Promise<Ref<'VDI'>> {
  const { api } = work;
  const { db } = api;
  const origin = db.get('VDI', vdi);
  if (origin.SR === sr) return vdi;
  for (const each of [origin.SR, sr]) assertMovable(api, each);
  const notes = new UnfinishedCopies(api.dataDir);
  const moved: Moved[] = [];
  try {
    for (const snapshot of origin.snapshots) moved.push(await moveUnused(work, snapshot, sr, notes));
    moved.push(await moveLeaf(work, vdi, sr, notes));
  } catch (thrown) {
    for (const { volume, storage, note } of moved) if (await drop(api, storage, sr, volume)) await notes.end(note);
    throw thrown;
  }
  const old = moved.map(({ from }) => ({ storage: storageForVdi(api, from), volume: volumeAddress(api, from) }));
  const [first] = moved;
  const space = first && (await readSpace(api, first.storage, sr));
  const leaf = db.transaction(() => {
    const copy = replaceRecords(api, moved, sr);
    recordSpace(db, sr, space);
    return copy;
  });
  // Else a daemon that dies here would come back with the old place, which is empty by then.
  await db.durable();
  for (const { storage, volume } of old) {
    try {
      await storage.destroyVolume(volume);
    } catch (thrown) {
      // The move is done; what is left behind shows up in the next scan.
      api.log.warn({ err: thrown, location: volume.location }, 'the old place of a moved disk could not be freed');
    }
  }
  for (const { note } of moved) await notes.end(note);
  const oldSpace = await readSpace(api, storageForOld(old), origin.SR);
  db.transaction(() => recordSpace(db, origin.SR, oldSpace));
  return leaf;
}

function storageForOld(old: readonly { readonly storage: Storage }[]): Storage {
  const [first] = old;
  if (!first) throw new Error('nothing was moved');
  return first.storage;
}

function assertMovable({ db }: Api, sr: Ref<'SR'>): void {
  const features = driverFeatures(db, db.get('SR', sr).type);
  if (!NEEDED.every((feature) => features.has(feature))) throw new ApiError('SR_DOES_NOT_SUPPORT_MIGRATION', sr);
}

/** What nobody writes to moves as any copy. */
async function moveUnused(work: Work, vdi: Ref<'VDI'>, sr: Ref<'SR'>, notes: UnfinishedCopies): Promise<Moved> {
  const { api } = work;
  const copy = newCopy(api.db.get('VDI', vdi));
  const note = await notes.begin(noteOn(api, vdi, sr, copy.uuid));
  try {
    return { from: vdi, note, ...(await copyVolume(work, vdi, sr, copy)) };
  } catch (thrown) {
    await notes.end(note);
    throw thrown;
  }
}

/** The disk itself: through its running domain where there is one. */
async function moveLeaf(work: Work, vdi: Ref<'VDI'>, sr: Ref<'SR'>, notes: UnfinishedCopies): Promise<Moved> {
  const { api, task } = work;
  const { db } = api;
  const live = liveDrives(api, vdi);
  const [drive] = live;
  if (!drive) return moveUnused(work, vdi, sr, notes);
  if (live.length > 1) throw new ApiError('VDI_IN_USE', vdi, 'mirror');
  if (!isPluggedOn(db, sr, drive.host)) throw new ApiError('SR_HAS_NO_PBDS', sr);
  const { storage, compute } = api.hosts.get(drive.host);
  const { uuid } = db.get('SR', sr);
  const copy = newCopy(db.get('VDI', vdi));
  const { domain, vbd } = drive;
  const note = await notes.begin({
    ...noteOn(api, vdi, sr, copy.uuid),
    drive: { host: db.get('host', drive.host).uuid, domain, vbd },
  });
  let volume: Volume;
  try {
    volume = await storage.createVolume(uuid, copy);
  } catch (thrown) {
    await notes.end(note);
    throw thrown;
  }
  try {
    await compute.moveDisk(domain, vbd, { sr: uuid, location: volume.location }, task);
  } catch (thrown) {
    if (await drop(api, storage, sr, volume)) await notes.end(note);
    throw thrown;
  }
  return { from: vdi, volume, storage, note };
}

function noteOn(api: Api, vdi: Ref<'VDI'>, sr: Ref<'SR'>, volume: string): CopyNote {
  const moves = { vdi: api.db.get('VDI', vdi).uuid, ...volumeAddress(api, vdi) };
  return { sr: api.db.get('SR', sr).uuid, volume, filling: false, moves };
}

/** Drives of running domains that have a disk. */
function liveDrives({ db }: Api, vdi: Ref<'VDI'>): { vbd: string; domain: string; host: Ref<'host'> }[] {
  return db.get('VDI', vdi).VBDs.flatMap((ref) => {
    const vbd = db.get('VBD', ref);
    const { power_state, uuid, resident_on } = db.get('VM', vbd.VM);
    const live = vbd.currently_attached && power_state !== 'Suspended' && !isNullRef(resident_on);
    return live ? [{ vbd: vbd.uuid, domain: uuid, host: resident_on }] : [];
  });
}

/** False when it is still there: the next start tries again. */
async function drop({ db, log }: Api, storage: Storage, sr: Ref<'SR'>, volume: Volume): Promise<boolean> {
  try {
    await storage.destroyVolume({ sr: db.get('SR', sr).uuid, location: volume.location });
    return true;
  } catch (thrown) {
    log.warn({ err: thrown, location: volume.location }, 'a copy that was begun could not be removed');
    return false;
  }
}
