import { DomainShutdownFlags, ErrorCode } from 'node-libvirt';
import { ApiError } from '../../../model/error.js';
import type { DomainSpec } from '../../compute.js';
import { cancellation, throwIfCancelled, type Watch } from '../../progress.js';
import { asHost, hasCode } from '../errors.js';
import { admit } from './admission.js';
import type { ComputeContext, DomainRef } from './context.js';
import { isLiving } from './domain-entry.js';
import { restUntil } from './live/rest.js';
import { type Prepared, prepare } from './preparing.js';
import { bringUp, endQuickly } from './starting.js';
import { unmarkSuspended } from './suspend-mark.js';

/** Milliseconds that a guest may take to shut down: what the original gives it. */
const SHUTDOWN_LIMIT = 1_200_000;
/** Milliseconds after which it is asked again: while it boots, nobody hears the power button. */
const ASK_AGAIN = 5000;
/** Milliseconds for libvirt to ask: it waits a minute for an agent that does not answer before it presses the button. */
const ASK_LIMIT = 90_000;

/**
 * Asks the guest to shut down, through its agent or else by the power button, and waits until it has. Throws
 * VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT when it has not in time; `limit` in milliseconds.
 */
export async function cleanShutdown(context: ComputeContext, uuid: string, watch: Watch, limit = SHUTDOWN_LIMIT): Promise<void> {
  throwIfCancelled(watch.signal);
  const dom = await context.live(uuid, 'Running');
  await context.states.asked(uuid, () => shutDown(context, dom, watch, limit));
  watch.progress(1);
}

/** Ends a domain at once; one that is suspended loses its memory. */
export async function hardShutdown(context: ComputeContext, uuid: string): Promise<void> {
  const known = context.states.find(uuid);
  if (known?.power === 'Suspended') await unmarkSuspended(context, uuid);
  else if (known && isLiving(known)) await asHost({ vm: uuid }, () => endQuickly(context, known));
  await context.states.refresh(uuid);
}

/** Shuts the guest down and starts it with what is new in its description. See `Compute.cleanReboot`. */
export async function cleanReboot(
  context: ComputeContext,
  spec: DomainSpec,
  watch: Watch,
  limit = SHUTDOWN_LIMIT,
): Promise<void> {
  throwIfCancelled(watch.signal);
  const dom = await context.live(spec.uuid, 'Running');
  await reboot(context, spec, watch, () => context.states.asked(spec.uuid, () => shutDown(context, dom, watch, limit)));
}

/** The same without asking the guest. */
export async function hardReboot(context: ComputeContext, spec: DomainSpec, watch: Watch): Promise<void> {
  throwIfCancelled(watch.signal);
  const dom = await context.live(spec.uuid);
  await reboot(context, spec, watch, () => asHost({ vm: spec.uuid }, () => endQuickly(context, dom)));
}

/** What can be refused is refused before the guest is down; that it was down for a moment nobody is told. */
async function reboot(context: ComputeContext, spec: DomainSpec, watch: Watch, down: () => Promise<void>): Promise<void> {
  const prepared = await prepare(context, spec, { starting: watch });
  await context.states.quietly(spec.uuid, async () => {
    await down();
    await context.states.refresh(spec.uuid);
    await up(context, spec, prepared, watch);
  });
  watch.progress(1);
}

async function up(context: ComputeContext, spec: DomainSpec, prepared: Prepared, watch: Watch): Promise<void> {
  const admission = admit(context, spec, 'halted');
  try {
    await bringUp(context, spec, prepared, false, watch);
  } finally {
    admission.release();
  }
}

async function shutDown(context: ComputeContext, dom: DomainRef, watch: Watch, limit: number): Promise<void> {
  const life = context.states.life(dom.uuid);
  const over = AbortSignal.any([life, watch.signal, AbortSignal.timeout(limit)]);
  while (!over.aborted) {
    await ask(context, dom, over);
    await restUntil(ASK_AGAIN, over);
  }
  if (life.aborted) return;
  if (watch.signal.aborted) throw cancellation(watch.signal);
  throw new ApiError('VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT', dom.uuid);
}

/** A guest that is on its way down, or that something else is done with, is no reason to give up. */
async function ask({ session, warn }: ComputeContext, dom: DomainRef, over: AbortSignal): Promise<void> {
  try {
    const flags = DomainShutdownFlags.DEFAULT;
    await session.call('DOMAIN_SHUTDOWN_FLAGS', { dom, flags }, { timeout: ASK_LIMIT, signal: over });
  } catch (thrown) {
    if (over.aborted || hasCode(thrown, ErrorCode.OPERATION_INVALID, ErrorCode.NO_DOMAIN)) return;
    if (thrown instanceof ApiError) throw thrown;
    warn(thrown, `the guest of ${dom.uuid} could not be asked to shut down`);
  }
}
