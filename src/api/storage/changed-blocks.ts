import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import type { Api } from '../api.js';
import type { TaskHandle } from '../tasks.js';
import { BLOCK_SIZE, DIGEST_SIZE, digestsOf, wholeBlocks } from './block-digests.js';
import { keepDigests, keptDigests } from './block-digests-file.js';
import { DigestSource } from './digest-source.js';
import { storageForVdi, volumeAddress } from './placement.js';

/** Code under which storage drivers refuse to compare two disks. */
const UNRELATED = 'SR_BACKEND_FAILURE_460';

/** Blocks that are compared between two looks at whether the work is still wanted. */
const STEP = 4096;

/** Keeps what is needed to compare a disk with others once its data is gone. */
export async function keepBlockDigests(api: Api, vdi: Ref<'VDI'>): Promise<void> {
  await keepDigests(api.dataDir, api.db.get('VDI', vdi).uuid, digestsOfContent(api, vdi));
}

/** Digests of the blocks of a disk: of its content or, when that was destroyed, those that were kept. */
function digestsOfVdi(api: Api, ref: Ref<'VDI'>): AsyncGenerator<Buffer> {
  const { type, uuid } = api.db.get('VDI', ref);
  return type === 'cbt_metadata' ? keptDigests(api.dataDir, uuid, ref) : digestsOfContent(api, ref);
}

async function* digestsOfContent(api: Api, vdi: Ref<'VDI'>): AsyncGenerator<Buffer> {
  const content = await storageForVdi(api, vdi).open(volumeAddress(api, vdi), 'read');
  try {
    yield* digestsOf(content);
  } finally {
    await content.close();
  }
}

/**
 * Which blocks of a disk differ from an earlier state of it: a bit per block, the highest bit of a byte first, as long
 * as the later disk. Throws a driver's refusal for disks that have nothing to do with each other or are not tracked.
 *
 * While both have their data, the storage knows where they may differ. Once data is gone, the content is compared.
 */
export async function changedBlocks(api: Api, from: Ref<'VDI'>, to: Ref<'VDI'>, task: TaskHandle): Promise<Buffer> {
  const [before, after] = [api.db.get('VDI', from), api.db.get('VDI', to)];
  if (!before.cbt_enabled || !after.cbt_enabled || !related(from, before, to, after))
    throw new ApiError(UNRELATED, '', 'The changed blocks of the two VDIs cannot be told: they are not tracked together', '');
  const bitmap = new Bitmap(Math.ceil(after.virtual_size / BLOCK_SIZE));
  if (before.type === 'cbt_metadata' || after.type === 'cbt_metadata') {
    await compare(digestsOfVdi(api, from), digestsOfVdi(api, to), bitmap, task);
  } else {
    const changes = await storageForVdi(api, to).changes(volumeAddress(api, to), volumeAddress(api, from));
    for (const { offset, length } of wholeBlocks(changes, after.virtual_size))
      bitmap.set(offset / BLOCK_SIZE, length / BLOCK_SIZE);
  }
  return bitmap.bytes;
}

async function compare(
  old: AsyncGenerator<Buffer>,
  current: AsyncGenerator<Buffer>,
  bitmap: Bitmap,
  task: TaskHandle,
): Promise<void> {
  const [a, b] = [new DigestSource(old), new DigestSource(current)];
  try {
    for (let start = 0; start < bitmap.length; start += STEP) {
      const count = Math.min(STEP, bitmap.length - start);
      const [before, after] = [await a.take(count), await b.take(count)];
      for (let i = 0; i < count; i++) {
        const [at, end] = [i * DIGEST_SIZE, (i + 1) * DIGEST_SIZE];
        if (before.compare(after, at, end, at, end) !== 0) bitmap.set(start + i, 1);
      }
      task.check();
      task.progress((start + count) / bitmap.length);
    }
  } finally {
    await a.close();
    await b.close();
  }
}

/** A bit per block, the highest bit of a byte first. */
class Bitmap {
  readonly length: number;
  readonly bytes: Buffer;

  constructor(length: number) {
    this.length = length;
    this.bytes = Buffer.alloc(Math.ceil(length / 8));
  }

  set(start: number, count: number): void {
    for (let block = start; block < start + count; block++)
      this.bytes[block >> 3] = (this.bytes[block >> 3] ?? 0) | (0x80 >> (block & 7));
  }
}

/** Whether two disks are states of the same one. */
function related(from: string, before: Fields<'VDI'>, to: string, after: Fields<'VDI'>): boolean {
  const origin = (ref: string, vdi: Fields<'VDI'>) => (vdi.is_a_snapshot ? vdi.snapshot_of : ref);
  return from !== to && origin(from, before) === origin(to, after);
}
