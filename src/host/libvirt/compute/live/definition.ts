import { ApiError } from '../../../../model/error.js';
import type { ComputeContext, DomainRef } from '../context.js';

/**
 * Does to the definition of a living domain what was done to the domain itself, so that both agree. A transient domain has
 * none. The change is there by now, and the next start writes the definition anew: a failure is only told to the log.
 */
export async function inDefinition(
  context: ComputeContext,
  dom: DomainRef,
  change: (dom: DomainRef, xml: string) => Promise<unknown>,
): Promise<void> {
  try {
    const { persistent } = await context.session.call('DOMAIN_IS_PERSISTENT', { dom });
    if (persistent === 0) return;
    await change(dom, await context.inactiveXml(dom.uuid));
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.code === 'VM_BAD_POWER_STATE') return;
    context.warn(thrown, `the definition of the domain ${dom.uuid} does not know of a change yet`);
  }
}
