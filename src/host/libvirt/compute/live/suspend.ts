import { throwIfCancelled, type Watch } from '../../../progress.js';
import type { VolumeAddress } from '../../../storage.js';
import { asHost } from '../../errors.js';
import type { ComputeContext } from '../context.js';
import { markSuspended, unmarkSuspended } from '../suspend-mark.js';
import { NO_LIMIT, withJob } from './job.js';

export { memoryImageSize } from './memory-image.js';

/** Writes the memory of a running domain to a volume and ends the domain. When it fails or is cancelled, the domain goes on. */
export async function suspend(context: ComputeContext, uuid: string, image: VolumeAddress, watch: Watch): Promise<void> {
  const { session, sources, states } = context;
  throwIfCancelled(watch.signal);
  const dom = await context.live(uuid, 'Running');
  const to = await sources.memoryImage(image);
  await states.quietly(uuid, async () => {
    await markSuspended(context, uuid, image);
    try {
      await asHost({ vm: uuid, expected: 'running' }, () =>
        withJob(context, dom, watch, () =>
          session.call('DOMAIN_SAVE_FLAGS', { dom, to, dxml: undefined, flags: 0 }, { timeout: NO_LIMIT }),
        ),
      );
    } catch (thrown) {
      await unmarkSuspended(context, uuid).catch((error: unknown) =>
        context.warn(error, `the mark of ${uuid} could not be removed`),
      );
      throw thrown;
    }
  });
  watch.progress(1);
}
