import { once } from 'node:events';
import { Transform, type Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import type { Storage, VolumeAddress } from '../../host/storage.js';
import type { TaskHandle } from '../tasks.js';
import { BLOCK_SIZE, blocksOf } from './block-digests.js';

/** A volume and the host that gives access to it. */
export interface PlacedVolume {
  readonly storage: Storage;
  readonly volume: VolumeAddress;
}

/** Sends all bytes of a volume into another, of another host perhaps. Rejects with TASK_CANCELLED when told to stop. */
export async function transfer(from: PlacedVolume, to: PlacedVolume, size: number, task: TaskHandle): Promise<void> {
  let done = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      done += chunk.length;
      task.progress(size === 0 ? 1 : done / size);
      next(null, chunk);
    },
  });
  try {
    await pipeline(await from.storage.read(from.volume), counter, await to.storage.write(to.volume), {
      signal: task.signal,
    });
  } catch (thrown) {
    task.check();
    throw thrown;
  }
}

/** Sends those blocks of a volume into another that differ from a base, and leaves the other's rest as it is. */
export async function transferDifferences(
  base: PlacedVolume,
  from: PlacedVolume,
  to: PlacedVolume,
  size: number,
  task: TaskHandle,
): Promise<void> {
  const old = blocksOf(await base.storage.read(base.volume));
  let run: Writable | undefined;
  let offset = 0;
  try {
    for await (const block of blocksOf(await from.storage.read(from.volume))) {
      const { value: before } = await old.next();
      if (before?.equals(block)) {
        await close(run);
        run = undefined;
      } else {
        run ??= await to.storage.write(to.volume, offset);
        // The block's memory is the reader's: what waits in the writer needs its own.
        if (!run.write(Buffer.from(block))) await once(run, 'drain');
      }
      offset += block.length;
      if (offset % (256 * BLOCK_SIZE) === 0) {
        task.check();
        task.progress(offset / size);
      }
    }
    await close(run);
  } catch (thrown) {
    run?.destroy();
    throw thrown;
  } finally {
    await old.return(undefined);
  }
}

async function close(run: Writable | undefined): Promise<void> {
  if (!run) return;
  run.end();
  await finished(run);
}
