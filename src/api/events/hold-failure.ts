import type { CallOrigin, RpcOutcome } from '../rpc.js';

/** Milliseconds by which a failed `event.next` is late. */
const LATENESS = 1000;

const NEXT: ReadonlySet<string> = new Set(['event.next', 'event_next']);

/**
 * Holds back the failure of a call for the next events. Clients of the older calls ask again at once whatever the answer
 * is, so that the end of a session or of a registration would make each of them a busy loop. Everything else passes, and
 * so does a failure that nobody waits for any more.
 */
export function holdFailure(
  method: string,
  outcome: RpcOutcome | Promise<RpcOutcome>,
  origin: Pick<CallOrigin, 'signal'>,
): RpcOutcome | Promise<RpcOutcome> {
  return NEXT.has(method) ? late(outcome, origin.signal) : outcome;
}

async function late(pending: RpcOutcome | Promise<RpcOutcome>, gone: AbortSignal | undefined): Promise<RpcOutcome> {
  const outcome = await pending;
  if (outcome.ok || gone?.aborted) return outcome;
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      gone?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, LATENESS);
    gone?.addEventListener('abort', end);
  });
  return outcome;
}
