import type { Unsubscribe } from '../../../progress.js';
import type { ComputeContext } from '../context.js';
import { applyRules } from '../preparing.js';
import { readLiving } from './found.js';

/**
 * Puts the rules of their cards on domains that others have started: virsh, or libvirt itself when the host boots. What a card may do
 * does not depend on who started its guest. Those that are started here have their rules before their guests run.
 */
export function ruleStartedElsewhere(context: ComputeContext): Unsubscribe {
  const { states, pool, warn } = context;
  return states.onStart((uuid) => {
    if (pool.isComing(uuid)) return;
    rule(context, uuid).catch((thrown: unknown) => {
      // One that has ended meanwhile needs none.
      if (!states.life(uuid).aborted) warn(thrown, `the cards of the domain ${uuid} are without their rules`);
    });
  });
}

async function rule(context: ComputeContext, uuid: string): Promise<void> {
  const { found } = await readLiving(context, uuid);
  await applyRules(context, uuid, found.nics);
}
