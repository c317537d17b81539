import { DomainSaveRestoreFlags } from 'node-libvirt';
import type { DomainSpec } from '../../../compute.js';
import { cancellation, throwIfCancelled, type Watch } from '../../../progress.js';
import type { VolumeAddress } from '../../../storage.js';
import { asHost } from '../../errors.js';
import { admit } from '../admission.js';
import type { ComputeContext, DomainRef } from '../context.js';
import { putRight } from '../once-back.js';
import { applyRules, prepare } from '../preparing.js';
import { unmarkSuspended } from '../suspend-mark.js';
import { rememberDisks } from './disk-users.js';
import { NO_LIMIT } from './job.js';
import { type ImageDescription, readImage } from './memory-image.js';
import { relocate } from './relocate.js';

/**
 * Starts a domain from an image of its memory. The image stays. Throws VM_BAD_POWER_STATE when it lives on any host,
 * SUSPEND_IMAGE_NOT_ACCESSIBLE, HOST_NOT_ENOUGH_FREE_MEMORY.
 */
export async function resume(
  context: ComputeContext,
  spec: DomainSpec,
  image: VolumeAddress,
  paused: boolean,
  watch: Watch,
): Promise<void> {
  const { states } = context;
  throwIfCancelled(watch.signal);
  const admission = admit(context, spec, 'suspended');
  try {
    const saved = await readImage(context, image, spec.uuid);
    await states.quietly(spec.uuid, async () => {
      const dom = await restore(context, spec, saved);
      try {
        await arrive(context, dom, spec, paused, watch);
      } catch (thrown) {
        await end(context, dom);
        throw thrown;
      }
    });
    await rememberDisks(context, spec.uuid);
    await unmarkSuspended(context, spec.uuid);
    await context.pool.alive(spec.uuid, context);
  } finally {
    admission.release();
  }
  watch.progress(1);
}

/** Its CPUs stand still afterwards: what its cards may do is not enforced yet. */
async function restore(context: ComputeContext, spec: DomainSpec, saved: ImageDescription): Promise<DomainRef> {
  const { session, sources } = context;
  const { dom } = await prepare(context, spec);
  await giveName(context, dom, saved.name);
  const dxml = relocate(saved.xml, spec, await context.surroundings(spec));
  const subject = { vm: spec.uuid, expected: 'suspended', locate: (path: string) => sources.locate(path) };
  const flags = DomainSaveRestoreFlags.PAUSED;
  await asHost(subject, () => session.call('DOMAIN_RESTORE_FLAGS', { from: saved.path, dxml, flags }, { timeout: NO_LIMIT }));
  return context.domain(spec.uuid);
}

/** A domain cannot change its name while its memory lies in an image, but its definition may have done so meanwhile. */
async function giveName({ session }: ComputeContext, dom: DomainRef, name: string): Promise<void> {
  if (dom.name === name) return;
  await asHost({ vm: dom.uuid, expected: 'suspended' }, () => session.call('DOMAIN_RENAME', { dom, new_name: name, flags: 0 }));
}

async function arrive(
  context: ComputeContext,
  dom: DomainRef,
  spec: DomainSpec,
  paused: boolean,
  { signal }: Watch,
): Promise<void> {
  await applyRules(context, spec.uuid, spec.nics);
  if (signal.aborted) throw cancellation(signal);
  if (!paused) await asHost({ vm: spec.uuid }, () => context.session.call('DOMAIN_RESUME', { dom }));
}

/** The image has everything that there was: the domain is suspended as before. */
async function end({ session, warn }: ComputeContext, dom: DomainRef): Promise<void> {
  const failure = `the domain ${dom.uuid} could not be ended after its resume failed`;
  try {
    await putRight({ session, warn }, failure, () => session.call('DOMAIN_DESTROY', { dom }));
  } catch (thrown) {
    warn(thrown, failure);
  }
}
