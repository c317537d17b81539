import { ErrorCode } from 'node-libvirt';
import { asHost, hasCode } from '../errors.js';
import type { ComputeContext } from './context.js';

/** Lets a domain stand still. */
export async function pause(context: ComputeContext, uuid: string): Promise<void> {
  const dom = await context.live(uuid, 'Running');
  await asHost({ vm: uuid, expected: 'running' }, () => context.session.call('DOMAIN_SUSPEND', { dom }));
  await context.states.refresh(uuid);
}

/** Lets a domain go on that stands still, for whatever reason: paused, an error on a disk that is mended now, asleep. */
export async function unpause(context: ComputeContext, uuid: string): Promise<void> {
  const { session, states } = context;
  const dom = await context.live(uuid, 'Paused');
  await asHost({ vm: uuid, expected: 'paused' }, async () => {
    try {
      await session.call('DOMAIN_RESUME', { dom });
    } catch (thrown) {
      if (!hasCode(thrown, ErrorCode.OPERATION_INVALID)) throw thrown;
      // A guest that sleeps has to be woken; if that fails too, the first refusal says more.
      await session.call('DOMAIN_PM_WAKEUP', { dom, flags: 0 }).catch(() => {
        throw thrown;
      });
    }
  });
  await states.refresh(uuid);
}
