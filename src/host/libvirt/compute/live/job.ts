import { DomainJobType, type TypedParameter } from 'node-libvirt';
import { cancellation, throwIfCancelled, type Watch } from '../../../progress.js';
import type { ComputeContext, DomainRef } from '../context.js';
import { restUntil } from './rest.js';

/** What is needed to follow a job. */
type Jobs = Pick<ComputeContext, 'session'>;

/** Milliseconds between two looks at a job: often enough for a progress bar, seldom enough to cost nothing. */
const LOOK_EVERY = 250;

/** For calls that take as long as a guest is large: what ends them is their task, or the connection. */
export const NO_LIMIT = 0;

/** Share of a job that is never passed before it is over: what follows the last byte takes time too. */
const LAST_SHARE = 0.99;

/**
 * Does something that libvirt does as a job of the domain (save, snapshot, migrate): reports its progress, and aborts it when the
 * task is cancelled; then it rejects with TASK_CANCELLED. A job that was done before the abort reached it counts as done.
 */
export async function withJob<T>(context: Jobs, dom: DomainRef, watch: Watch, work: () => Promise<T>): Promise<T> {
  throwIfCancelled(watch.signal);
  const over = new AbortController();
  const looking = follow(context, dom, watch, over.signal);
  try {
    return await work();
  } catch (thrown) {
    throw watch.signal.aborted ? cancellation(watch.signal) : thrown;
  } finally {
    over.abort();
    await looking;
  }
}

/** Never rejects: a job whose progress cannot be read goes on all the same. */
async function follow(context: Jobs, dom: DomainRef, watch: Watch, over: AbortSignal): Promise<void> {
  const { signal } = watch;
  let most = 0;
  const woken = AbortSignal.any([signal, over]);
  for (;;) {
    await restUntil(LOOK_EVERY, signal.aborted ? over : woken);
    if (over.aborted) return;
    if (signal.aborted) await abortJob(context, dom);
    else {
      const share = await jobShare(context, dom);
      if (over.aborted) return;
      if (share > most) {
        most = share;
        watch.progress(Math.min(LAST_SHARE, share));
      }
    }
  }
}

/** Asked again until the work has ended: a job that has not begun yet cannot be aborted, but may begin the next moment. */
async function abortJob({ session }: Jobs, dom: DomainRef): Promise<void> {
  try {
    await session.read('DOMAIN_ABORT_JOB', { dom });
  } catch {
    // No job yet, or none any more.
  }
}

async function jobShare({ session }: Jobs, dom: DomainRef): Promise<number> {
  try {
    const { type, params } = await session.read('DOMAIN_GET_JOB_STATS', { dom, flags: 0 });
    return type === DomainJobType.NONE ? 0 : shareDone(params);
  } catch {
    // The domain may be gone already; the work itself tells what became of it.
    return 0;
  }
}

/** Share done of what a job has to do, from its statistics; 0 when they do not tell. */
export function shareDone(params: readonly TypedParameter[]): number {
  const number = (field: string): number => {
    const value = params.find((param) => param.field === field)?.value;
    return typeof value === 'number' ? value : 0;
  };
  const total = number('data_total') || number('memory_total');
  const remaining = number('data_total') ? number('data_remaining') : number('memory_remaining');
  return total > 0 ? Math.max(0, Math.min(1, 1 - remaining / total)) : 0;
}
