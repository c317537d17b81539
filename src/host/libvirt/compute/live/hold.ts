import { ErrorCode } from 'node-libvirt';
import { ApiError } from '../../../../model/error.js';
import { hasCode, hostError } from '../../errors.js';
import type { ComputeContext, DomainRef } from '../context.js';
import { putRight } from '../once-back.js';
import { ANSWER_TIME } from './guest-agent.js';
import { standingStill } from './standing-still.js';

/** What is needed to hold a domain. */
type Held = Pick<ComputeContext, 'session' | 'states' | 'live' | 'warn'>;

/** Milliseconds that a guest may take to write out its file systems. Windows gives up by itself after ten seconds. */
const FREEZE_TIME = 60_000;
/** Milliseconds for the answer that it goes on. */
const THAW_TIME = 30_000;

/** What libvirt says when there is nobody in the guest who could freeze, or one who does not know how. */
const NOBODY = /agent is not (?:configured|connected|available)|not support|has been disabled|command not found|CommandNotFound/i;

/**
 * Runs work while a domain stands still, or while its guest's file systems are written out and frozen. Nobody is told of the
 * short pause. Throws VM_SNAPSHOT_WITH_QUIESCE_NOT_SUPPORTED, VM_SNAPSHOT_WITH_QUIESCE_TIMEOUT, VM_SNAPSHOT_WITH_QUIESCE_FAILED.
 */
export async function hold(context: Held, uuid: string, quiesce: boolean, work: () => Promise<void>): Promise<void> {
  const dom = await context.live(uuid);
  if (quiesce) await whileFrozen(context, dom, work);
  else await context.states.quietly(uuid, () => standingStill(context, dom, work));
}

async function whileFrozen(context: Held, dom: DomainRef, work: () => Promise<void>): Promise<void> {
  await context.live(dom.uuid, 'Running');
  try {
    await freeze(context, dom);
  } catch (thrown) {
    // It may have frozen after all, or in part, and only the answer was lost.
    await thaw(context, dom).catch(() => undefined);
    throw freezeRefusal(thrown, dom.uuid);
  }
  try {
    await work();
  } finally {
    await thaw(context, dom).catch((error: unknown) => context.warn(error, `the guest of ${dom.uuid} may still be frozen`));
  }
}

async function freeze({ session }: Held, dom: DomainRef): Promise<void> {
  await session.call('DOMAIN_AGENT_SET_RESPONSE_TIMEOUT', { dom, timeout: FREEZE_TIME / 1000, flags: 0 });
  try {
    await session.call('DOMAIN_FSFREEZE', { dom, mountpoints: [], flags: 0 }, { timeout: FREEZE_TIME * 2 });
  } finally {
    await session.call('DOMAIN_AGENT_SET_RESPONSE_TIMEOUT', { dom, timeout: ANSWER_TIME, flags: 0 });
  }
}

async function thaw({ session, warn }: Held, dom: DomainRef): Promise<void> {
  await putRight({ session, warn }, `the guest of ${dom.uuid} may still be frozen`, () =>
    session.call('DOMAIN_FSTHAW', { dom, mountpoints: [], flags: 0 }, { timeout: THAW_TIME }),
  );
}

function freezeRefusal(thrown: unknown, uuid: string): unknown {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  if (NOBODY.test(text)) return new ApiError('VM_SNAPSHOT_WITH_QUIESCE_NOT_SUPPORTED', uuid, text);
  if (hasCode(thrown, ErrorCode.AGENT_UNRESPONSIVE)) return new ApiError('VM_SNAPSHOT_WITH_QUIESCE_TIMEOUT', uuid);
  const told = hostError(thrown, { vm: uuid });
  return told instanceof ApiError && told.code === 'INTERNAL_ERROR'
    ? new ApiError('VM_SNAPSHOT_WITH_QUIESCE_FAILED', uuid)
    : told;
}
