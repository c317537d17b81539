import { asHost } from '../../errors.js';
import type { ComputeContext, DomainRef } from '../context.js';

/** What is needed to let a domain stand still. */
type Standing = Pick<ComputeContext, 'session' | 'states' | 'warn'>;

/** Does work while a domain's CPUs stand still; afterwards it runs again, unless it was paused before. */
export async function standingStill<T>(context: Standing, dom: DomainRef, work: () => Promise<T>): Promise<T> {
  const { session, states } = context;
  if (states.find(dom.uuid)?.power !== 'Running') return work();
  await asHost({ vm: dom.uuid, expected: 'running' }, () => session.call('DOMAIN_SUSPEND', { dom }));
  let outcome: { readonly value: T } | { readonly thrown: unknown };
  try {
    outcome = { value: await work() };
  } catch (thrown) {
    outcome = { thrown };
  }
  await goOn(context, dom, 'thrown' in outcome);
  if ('thrown' in outcome) throw outcome.thrown;
  return outcome.value;
}

/** Where the work has failed, that is what the caller hears; that the domain cannot go on besides is only told to the log. */
async function goOn({ session, states, warn }: Standing, dom: DomainRef, failed: boolean): Promise<void> {
  if (states.life(dom.uuid).aborted) return;
  try {
    await asHost({ vm: dom.uuid, expected: 'paused' }, () => session.call('DOMAIN_RESUME', { dom }));
  } catch (thrown) {
    if (!failed) throw thrown;
    warn(thrown, `the domain ${dom.uuid} could not go on`);
  }
}
