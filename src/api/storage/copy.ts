import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { v4 } from 'uuid';
import type { Storage, VolumeAddress } from '../../host/storage.js';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { Call } from '../call.js';
import { target } from '../operations/operations.js';
import { hostForBoth, storageForSr, storageForVdi, volumeAddress } from './placement.js';
import { readSpace, recordSpace } from './space.js';
import { inheritedFields, recordVolume } from './vdi-record.js';

type Work = Pick<Call, 'api' | 'task'>;

/**
 * Makes a full copy of a disk in an SR, through one host where that sees both, else as a stream between two. The copy
 * can be written to, whatever the origin is. Takes the operation `copy` of the origin.
 */
export async function copyVdi({ api, task }: Work, vdi: Ref<'VDI'>, sr: Ref<'SR'>): Promise<Ref<'VDI'>> {
  const { db } = api;
  return api.operations.run(task, [target('VDI', vdi, 'copy')], async () => {
    const origin = db.get('VDI', vdi);
    if (!origin.managed) throw new ApiError('VDI_NOT_MANAGED', vdi);
    const { uuid: destination } = db.get('SR', sr);
    const host = hostForBoth(api, origin.SR, sr);
    const reader = host === undefined ? storageForVdi(api, vdi) : api.hosts.get(host).storage;
    const writer = host === undefined ? storageForSr(api, sr) : reader;
    const copy = {
      uuid: v4(),
      virtualSize: origin.virtual_size,
      name: origin.name_label,
      description: origin.name_description,
      smConfig: new Map<string, string>(),
    };
    const from = volumeAddress(api, vdi);
    const volume =
      reader === writer ? await reader.copyVolume(from, destination, copy, task) : await writer.createVolume(destination, copy);
    try {
      if (reader !== writer) {
        await transfer(reader, from, writer, { sr: destination, location: volume.location }, origin.virtual_size, task);
      }
    } catch (thrown) {
      await writer.destroyVolume({ sr: destination, location: volume.location });
      throw thrown;
    }
    const space = await readSpace(api, writer, sr);
    return db.transaction(() => {
      const ref = recordVolume(db, sr, volume, { ...inheritedFields(origin), read_only: false });
      recordSpace(db, sr, space);
      return ref;
    });
  });
}

/** Sends all bytes of a volume into another, of another host perhaps. Rejects with TASK_CANCELLED when told to stop. */
export async function transfer(
  reader: Storage,
  from: VolumeAddress,
  writer: Storage,
  to: VolumeAddress,
  size: number,
  task: Work['task'],
): Promise<void> {
  let done = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      done += chunk.length;
      task.progress(size === 0 ? 1 : done / size);
      next(null, chunk);
    },
  });
  try {
    await pipeline(await reader.read(from), counter, await writer.write(to), { signal: task.signal });
  } catch (thrown) {
    task.check();
    throw thrown;
  }
}
