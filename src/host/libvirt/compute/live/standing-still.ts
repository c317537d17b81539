import { asHost } from '../../errors.js';
import type { ComputeContext, DomainRef } from '../context.js';
import { isAway, putRight } from '../once-back.js';

/** What is needed to let a domain stand still. */
type Standing = Pick<ComputeContext, 'session' | 'warn'> & { readonly states: Pick<ComputeContext['states'], 'find' | 'life'> };

/** Does work while a domain's CPUs stand still; afterwards it runs again, unless it was paused before. */
export async function standingStill<T>(context: Standing, dom: DomainRef, work: () => Promise<T>): Promise<T> {
  const { session, states } = context;
  if (states.find(dom.uuid)?.power !== 'Running') return work();
  try {
    await asHost({ vm: dom.uuid, expected: 'running' }, () => session.call('DOMAIN_SUSPEND', { dom }));
  } catch (thrown) {
    if (isAway(thrown)) await goOn(context, dom, true);
    throw thrown;
  }
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
  const resume = () => session.call('DOMAIN_RESUME', { dom });
  try {
    await asHost({ vm: dom.uuid, expected: 'paused' }, () =>
      putRight({ session, warn }, `the domain ${dom.uuid} could not go on`, resume),
    );
  } catch (thrown) {
    if (!failed) throw thrown;
    warn(thrown, `the domain ${dom.uuid} could not go on`);
  }
}
