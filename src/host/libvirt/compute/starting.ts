import { DomainCreateFlags, ErrorCode } from 'node-libvirt';
import { ApiError } from '../../../model/error.js';
import type { DomainSpec } from '../../compute.js';
import { throwIfCancelled, type Watch } from '../../progress.js';
import { asHost, hasCode, type Subject } from '../errors.js';
import { memoryOverhead } from '../memory.js';
import { admit } from './admission.js';
import type { ComputeContext, DomainRef } from './context.js';
import { rememberDisks } from './live/disk-users.js';
import { putRight } from './once-back.js';
import { applyRules, type Prepared, prepare } from './preparing.js';
import { unmarkSuspended } from './suspend-mark.js';

/** Milliseconds for QEMU to come up: it may have to lock terabytes of memory. */
const START_LIMIT = 600_000;

/** Gives a VM a domain that lives. See `Compute.start`. */
export async function start(context: ComputeContext, spec: DomainSpec, paused: boolean, watch: Watch): Promise<void> {
  throwIfCancelled(watch.signal);
  if (spec.vcpus.online < 1) throw new ApiError('VM_NO_VCPUS', spec.uuid);
  const admission = admit(context, spec, 'halted');
  try {
    const prepared = await prepare(context, spec, { starting: watch });
    throwIfCancelled(watch.signal);
    await context.states.quietly(spec.uuid, () => bringUp(context, spec, prepared, paused, watch));
    // Whoever has been told that it runs may ask at once who uses its disks. One that has ended by now uses none.
    await rememberDisks(context, spec.uuid).catch(() => undefined);
    await context.pool.alive(spec.uuid, context);
  } finally {
    admission.release();
  }
  watch.progress(1);
}

/**
 * Starts a domain that was prepared. A guest whose cards need rules does not run before these are there; a domain that cannot
 * have them, or is no longer wanted when it is there, is ended again.
 */
export async function bringUp(
  context: ComputeContext,
  spec: DomainSpec,
  { dom, changed }: Prepared,
  paused: boolean,
  watch: Watch,
): Promise<void> {
  const { session, rules } = context;
  if (context.states.find(spec.uuid)?.power === 'Suspended') await unmarkSuspended(context, spec.uuid);
  const held = spec.nics.some((nic) => rules.needed(nic));
  // Memory that `virsh managedsave` left is what the guest goes on from, unless it is that of another machine by now.
  const flags = (paused || held ? DomainCreateFlags.PAUSED : 0) | (changed ? DomainCreateFlags.FORCE_BOOT : 0);
  await provideDisks(context, spec);
  await asHost(subject(context, spec), async () => {
    await session.call('DOMAIN_CREATE_WITH_FLAGS', { dom, flags }, { timeout: START_LIMIT });
    try {
      if (held) await applyRules(context, spec.uuid, spec.nics);
      if (held && !paused) await session.call('DOMAIN_RESUME', { dom });
      throwIfCancelled(watch.signal);
    } catch (thrown) {
      const failure = `the domain ${spec.uuid} could not be ended after its start failed`;
      await putRight(context, failure, () => endQuickly(context, dom)).catch((error: unknown) => context.warn(error, failure));
      throw thrown;
    }
  });
}

/**
 * Disks may have been asked for long ago, when the guest was still to shut down or an installer to be fetched: storage that keeps
 * nothing ready that nobody uses gets to know that they are about to be opened.
 */
async function provideDisks({ sources }: ComputeContext, { disks }: DomainSpec): Promise<void> {
  // What cannot be had was refused when it was asked for, or left out.
  for (const { volume } of disks) if (volume !== undefined) await sources.source(volume).catch(() => undefined);
}

/** Ends a domain, if it has not ended. */
export async function endQuickly({ session }: ComputeContext, dom: DomainRef): Promise<void> {
  try {
    await session.call('DOMAIN_DESTROY_FLAGS', { dom, flags: 0 });
  } catch (thrown) {
    if (!hasCode(thrown, ErrorCode.NO_DOMAIN, ErrorCode.OPERATION_INVALID)) throw thrown;
  }
}

function subject({ memory, sources }: ComputeContext, spec: DomainSpec): Subject {
  const needed = spec.memory.staticMax + memoryOverhead(spec.vcpus.max, spec.memory.staticMax);
  return {
    vm: spec.uuid,
    expected: 'halted',
    memory: { needed, available: memory.free() },
    locate: (path) => sources.locate(path),
  };
}
