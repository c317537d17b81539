import { v4 } from 'uuid';
import type { NewVolume, Storage, Volume } from '../../host/storage.js';
import { ApiError } from '../../model/error.js';
import { isNullRef, type Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import type { Api } from '../api.js';
import type { Call } from '../call.js';
import { target } from '../operations/operations.js';
import { hostForBoth, storageForSr, storageForVdi, volumeAddress } from './placement.js';
import { readSpace, recordSpace } from './space.js';
import { transfer, transferDifferences } from './transfer.js';
import { type CopyNote, UnfinishedCopies } from './unfinished-copies.js';
import { driverConfig, inheritedFields, recordVolume } from './vdi-record.js';
import { recordChange, statVolume } from './volume-state.js';

type Work = Pick<Call, 'api' | 'task'>;

/**
 * Makes a full copy of a disk in an SR, through one host where that sees both, else as a stream between two. The copy
 * can be written to, whatever the origin is. Takes the operation `copy` of the origin, or `mirror` for a disk that a VM
 * has attached and that the caller keeps from being written meanwhile.
 */
export function copyVdi(work: Work, vdi: Ref<'VDI'>, sr: Ref<'SR'>, operation: 'copy' | 'mirror' = 'copy'): Promise<Ref<'VDI'>> {
  const { api, task } = work;
  return api.operations.run(task, [target('VDI', vdi, operation)], async () => {
    const origin = managed(api, vdi);
    api.db.get('SR', sr);
    const wanted = newCopy(origin);
    return noted(api, { sr: api.db.get('SR', sr).uuid, volume: wanted.uuid, filling: false }, async () => {
      const { volume, storage } = await copyVolume(work, vdi, sr, wanted);
      return recordCopy(api, storage, sr, volume, origin);
    });
  });
}

/**
 * VDI.copy in all of its forms: into a new disk of an SR or into a given one, everything or what differs from a base.
 * A new disk that could not be filled is removed again.
 */
export function copyVdiInto(
  work: Work,
  vdi: Ref<'VDI'>,
  sr: Ref<'SR'>,
  given: { readonly base: Ref<'VDI'>; readonly into: Ref<'VDI'> },
): Promise<Ref<'VDI'>> {
  const { api, task } = work;
  const { db } = api;
  const base = db.exists('VDI', given.base) ? given.base : undefined;
  if (!db.exists('VDI', given.into)) {
    if (base === undefined) return copyVdi(work, vdi, sr);
    return copyDifferencesToNew(work, vdi, sr, base);
  }
  const { into } = given;
  return api.operations.run(task, [target('VDI', vdi, 'copy')], async () => {
    const origin = managed(api, vdi);
    const destination = db.get('VDI', into);
    if (destination.read_only) throw new ApiError('VDI_READONLY', into);
    if (destination.virtual_size < origin.virtual_size) throw new ApiError('VDI_TOO_SMALL', into, String(origin.virtual_size));
    await fill(work, vdi, into, base);
    return into;
  });
}

function copyDifferencesToNew(work: Work, vdi: Ref<'VDI'>, sr: Ref<'SR'>, base: Ref<'VDI'>): Promise<Ref<'VDI'>> {
  const { api, task } = work;
  return api.operations.run(task, [target('VDI', vdi, 'copy')], async () => {
    const origin = managed(api, vdi);
    const { uuid } = api.db.get('SR', sr);
    const storage = storageForSr(api, sr);
    const wanted = newCopy(origin);
    return noted(api, { sr: uuid, volume: wanted.uuid, filling: true }, async () => {
      const volume = await storage.createVolume(uuid, wanted);
      const copy = await recordCopy(api, storage, sr, volume, origin);
      try {
        await fill(work, vdi, copy, base);
      } catch (thrown) {
        await storage.destroyVolume({ sr: uuid, location: volume.location });
        api.db.destroy('VDI', copy);
        throw thrown;
      }
      return copy;
    });
  });
}

/** Makes a copy of which the next start knows that it was to be, should this process be killed before its record is on disk. */
async function noted<T>(api: Api, note: CopyNote, work: () => Promise<T>): Promise<T> {
  const notes = new UnfinishedCopies(api.dataDir);
  const name = await notes.begin(note);
  try {
    const made = await work();
    await api.db.durable();
    return made;
  } finally {
    await notes.end(name);
  }
}

function managed({ db }: Api, vdi: Ref<'VDI'>): Fields<'VDI'> {
  const fields = db.get('VDI', vdi);
  if (!fields.managed) throw new ApiError('VDI_NOT_MANAGED', vdi);
  return fields;
}

/** The volume that a copy of a disk is to be. */
export function newCopy(origin: Fields<'VDI'>): NewVolume {
  return {
    uuid: v4(),
    virtualSize: origin.virtual_size,
    name: origin.name_label,
    description: origin.name_description,
    smConfig: driverConfig(origin.sharable),
  };
}

/** Writes the content of one recorded disk into another, all or what differs from a base. */
async function fill({ api, task }: Work, vdi: Ref<'VDI'>, into: Ref<'VDI'>, base: Ref<'VDI'> | undefined): Promise<void> {
  const { db } = api;
  const [origin, destination] = [db.get('VDI', vdi), db.get('VDI', into)];
  const host = hostForBoth(api, origin.SR, destination.SR);
  const reader = host === undefined ? storageForVdi(api, vdi) : api.hosts.get(host).storage;
  const writer = host === undefined ? storageForVdi(api, into) : reader;
  const from = { storage: reader, volume: volumeAddress(api, vdi) };
  const to = { storage: writer, volume: volumeAddress(api, into) };
  if (base !== undefined) {
    const basis = { storage: storageForVdi(api, base), volume: volumeAddress(api, base) };
    await transferDifferences(basis, from, to, origin.virtual_size, task);
  } else if (reader === writer) {
    await reader.copyInto(from.volume, to.volume, task);
  } else {
    await transfer(from, to, origin.virtual_size, task);
  }
  await recordChange(api, into, await statVolume(api, into));
}

/** Copies a disk's data to a new volume of an SR, without a record of it. */
export async function copyVolume(
  { api, task }: Work,
  vdi: Ref<'VDI'>,
  sr: Ref<'SR'>,
  copy: NewVolume = newCopy(api.db.get('VDI', vdi)),
): Promise<{ volume: Volume; storage: Storage }> {
  const origin = api.db.get('VDI', vdi);
  const { uuid } = api.db.get('SR', sr);
  const from = volumeAddress(api, vdi);
  const host = hostForBoth(api, origin.SR, sr);
  if (host !== undefined) {
    const { storage } = api.hosts.get(host);
    return { storage, volume: await storage.copyVolume(from, uuid, copy, task) };
  }
  const storage = storageForSr(api, sr);
  const volume = await storage.createVolume(uuid, copy);
  const to = { sr: uuid, location: volume.location };
  try {
    await transfer({ storage: storageForVdi(api, vdi), volume: from }, { storage, volume: to }, origin.virtual_size, task);
  } catch (thrown) {
    await storage.destroyVolume(to);
    throw thrown;
  }
  const filled = (await storage.scan(uuid)).find(({ location }) => location === volume.location);
  return { storage, volume: filled ?? volume };
}

async function recordCopy(api: Api, storage: Storage, sr: Ref<'SR'>, volume: Volume, origin: Fields<'VDI'>): Promise<Ref<'VDI'>> {
  const space = await readSpace(api, storage, sr);
  return api.db.transaction(() => {
    const copy = recordVolume(api.db, sr, volume, { ...inheritedFields(origin), read_only: false });
    recordSpace(api.db, sr, space);
    return copy;
  });
}

/** The SR that VM.copy and VDI.copy mean: the one given, or the disk's own where clients leave it empty. */
export function srOrOwn({ db }: Api, sr: Ref<'SR'>, vdi: Ref<'VDI'>): Ref<'SR'> {
  return isNullRef(sr) ? db.get('VDI', vdi).SR : sr;
}
