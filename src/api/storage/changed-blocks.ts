import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import type { Api } from '../api.js';
import type { TaskHandle } from '../tasks.js';
import { BLOCK_SIZE, digestOfNothing, digestsOf } from './block-digests.js';
import { keepDigests, keptDigests } from './block-digests-file.js';
import { storageForVdi, volumeAddress } from './placement.js';

/** Code under which storage drivers refuse to compare two disks. */
const UNRELATED = 'SR_BACKEND_FAILURE_460';

/** Digests of the blocks of a disk: of its content or, when that was destroyed, those that were kept. */
async function digestsOfVdi(api: Api, ref: Ref<'VDI'>): Promise<AsyncIterator<Buffer>> {
  const vdi = api.db.get('VDI', ref);
  if (vdi.type === 'cbt_metadata') return keptDigests(api.dataDir, vdi.uuid, ref);
  return digestsOf(await storageForVdi(api, ref).read(volumeAddress(api, ref)));
}

/** Keeps what is needed to compare a disk with others once its data is gone. */
export async function keepBlockDigests(api: Api, vdi: Ref<'VDI'>): Promise<void> {
  const stream = await storageForVdi(api, vdi).read(volumeAddress(api, vdi));
  await keepDigests(api.dataDir, api.db.get('VDI', vdi).uuid, digestsOf(stream));
}

/**
 * Which blocks of a disk differ from an earlier state of it: a bit per block, the highest bit of a byte first, as long
 * as the later disk. Throws a driver's refusal for disks that have nothing to do with each other or are not tracked.
 */
export async function changedBlocks(api: Api, from: Ref<'VDI'>, to: Ref<'VDI'>, task: TaskHandle): Promise<Buffer> {
  const [before, after] = [api.db.get('VDI', from), api.db.get('VDI', to)];
  if (!before.cbt_enabled || !after.cbt_enabled || !related(from, before, to, after))
    throw new ApiError(UNRELATED, '', 'The changed blocks of the two VDIs cannot be told: they are not tracked together', '');
  const blocks = Math.ceil(after.virtual_size / BLOCK_SIZE);
  const bitmap = Buffer.alloc(Math.ceil(blocks / 8));
  const old = await digestsOfVdi(api, from);
  const current = await digestsOfVdi(api, to);
  try {
    for (let block = 0; block < blocks; block++) {
      const [a, b] = [await next(old), await next(current)];
      if (!a.equals(b)) bitmap[block >> 3] = (bitmap[block >> 3] ?? 0) | (0x80 >> (block & 7));
      if (block % 1024 === 0) {
        task.check();
        task.progress(block / blocks);
      }
    }
  } finally {
    await old.return?.();
    await current.return?.();
  }
  return bitmap;
}

async function next(digests: AsyncIterator<Buffer>): Promise<Buffer> {
  const { value, done } = await digests.next();
  return done ? digestOfNothing() : value;
}

/** Whether two disks are states of the same one. */
function related(from: string, before: Fields<'VDI'>, to: string, after: Fields<'VDI'>): boolean {
  const origin = (ref: string, vdi: Fields<'VDI'>) => (vdi.is_a_snapshot ? vdi.snapshot_of : ref);
  return from !== to && origin(from, before) === origin(to, after);
}
