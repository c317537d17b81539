import { v4 as newUuid } from 'uuid';
import type { Storage, Volume } from '../../host/storage.js';
import { ApiError } from '../../model/error.js';
import { isNullRef, type Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import type { Api } from '../api.js';
import type { Call } from '../call.js';
import { copyVolume } from './copy.js';
import { driverFeatures } from './driver-features.js';
import { isPluggedOn, storageForVdi, volumeAddress } from './placement.js';
import { readSpace, recordSpace } from './space.js';
import { inheritedFields, recordVolume, removeVdiRecord } from './vdi-record.js';

type Work = Pick<Call, 'api' | 'task'>;

/** A disk with its copy elsewhere. */
interface Moved {
  readonly from: Ref<'VDI'>;
  readonly volume: Volume;
  readonly storage: Storage;
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
  const moved: Moved[] = [];
  try {
    for (const snapshot of origin.snapshots) moved.push({ from: snapshot, ...(await copyVolume(work, snapshot, sr)) });
    moved.push({ from: vdi, ...(await moveLeaf(work, vdi, sr)) });
  } catch (thrown) {
    for (const { volume, storage } of moved) await drop(api, storage, sr, volume);
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

/** The disk itself: through its running domain where there is one, else as any copy. */
async function moveLeaf(work: Work, vdi: Ref<'VDI'>, sr: Ref<'SR'>): Promise<Omit<Moved, 'from'>> {
  const { api, task } = work;
  const { db } = api;
  const live = liveDrives(api, vdi);
  const [drive] = live;
  if (!drive) return copyVolume(work, vdi, sr);
  if (live.length > 1) throw new ApiError('VDI_IN_USE', vdi, 'mirror');
  if (!isPluggedOn(db, sr, drive.host)) throw new ApiError('SR_HAS_NO_PBDS', sr);
  const { storage, compute } = api.hosts.get(drive.host);
  const origin = db.get('VDI', vdi);
  const { uuid } = db.get('SR', sr);
  const volume = await storage.createVolume(uuid, {
    uuid: newUuid(),
    virtualSize: origin.virtual_size,
    name: origin.name_label,
    description: origin.name_description,
    smConfig: new Map(),
  });
  try {
    await compute.moveDisk(drive.domain, drive.vbd, { sr: uuid, location: volume.location }, task);
  } catch (thrown) {
    await drop(api, storage, sr, volume);
    throw thrown;
  }
  return { volume, storage };
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

async function drop({ db, log }: Api, storage: Storage, sr: Ref<'SR'>, volume: Volume): Promise<void> {
  try {
    await storage.destroyVolume({ sr: db.get('SR', sr).uuid, location: volume.location });
  } catch (thrown) {
    log.warn({ err: thrown, location: volume.location }, 'a copy that was begun could not be removed');
  }
}

/** Puts the new disks in the places of the old ones: drives, memory images, origins of snapshots. The last is the leaf. */
function replaceRecords({ db }: Api, moved: readonly Moved[], sr: Ref<'SR'>): Ref<'VDI'> {
  const copies = new Map<string, Ref<'VDI'>>();
  for (const { from, volume } of moved) {
    const old = db.get('VDI', from);
    const copy = recordVolume(db, sr, volume, { ...inheritedFields(old), ...kept(old) });
    copies.set(from, copy);
    for (const vbd of old.VBDs) db.set('VBD', vbd, { VDI: copy });
    for (const [vm] of db.filter('VM', (vm) => vm.suspend_VDI === from)) db.set('VM', vm, { suspend_VDI: copy });
  }
  let leaf: Ref<'VDI'> | undefined;
  for (const [from, copy] of copies) {
    const origin = copies.get(db.get('VDI', copy).snapshot_of);
    if (origin) db.set('VDI', copy, { snapshot_of: origin });
    removeVdiRecord(db, from);
    leaf = copy;
  }
  if (!leaf) throw new Error('nothing was moved');
  return leaf;
}

function kept(old: Fields<'VDI'>): Partial<Fields<'VDI'>> {
  const { is_a_snapshot, snapshot_of, snapshot_time, read_only, managed } = old;
  return { is_a_snapshot, snapshot_of, snapshot_time, read_only, managed };
}
