import { setTimeout as sleep } from 'node:timers/promises';
import {
  DomainBlockCopyFlags,
  DomainBlockJobAbortFlags,
  DomainBlockResizeFlags,
  DomainDeviceModifyFlags,
  ErrorCode,
} from 'node-libvirt';
import { ApiError } from '../../../../model/error.js';
import { cancellation, throwIfCancelled, type Watch } from '../../../progress.js';
import type { VolumeAddress } from '../../../storage.js';
import { attribute, child, formatXml, render, tag } from '../../domain-xml/xml.js';
import { asHost, hasCode } from '../../errors.js';
import type { VolumeSource } from '../../volume-source.js';
import type { ComputeContext, DomainRef } from '../context.js';
import { isLiving } from '../domain-entry.js';
import { inDefinition } from './definition.js';
import { rememberDisks } from './disk-users.js';
import { attachedDrive, driveAt, driveOf, setSource, sourceAttributes } from './elements.js';
import { NO_LIMIT } from './job.js';
import { noteDevices, withSource } from './own-data.js';
import { restUntil } from './rest.js';

/** Milliseconds between two looks at a copy. */
const LOOK_EVERY = 200;
/** Milliseconds for a copy to end once it was told to. */
const ABANDON_LIMIT = 30_000;
/** Share of the work that is the copy itself. */
const COPY_SHARE = 0.98;

/**
 * Copies the data of an attached disk to a volume that is at least as large while its guest writes on, and goes on with that
 * one. When it fails or is cancelled, the disk stays where it was. Throws DEVICE_NOT_ATTACHED, VBD_IS_EMPTY, VDI_READONLY.
 */
export async function moveDisk(
  context: ComputeContext,
  uuid: string,
  vbd: string,
  destination: VolumeAddress,
  watch: Watch,
): Promise<void> {
  throwIfCancelled(watch.signal);
  const dom = await context.live(uuid);
  const { target, path } = attachedDrive(await context.liveXml(uuid), vbd);
  if (path === undefined) throw new ApiError('VBD_IS_EMPTY', vbd);
  const to = await context.sources.source(destination);
  if (to.readOnly) throw new ApiError('VDI_READONLY', destination.location);
  if (to.path === path) {
    watch.progress(1);
    return;
  }
  await asHost({ vm: uuid, device: { class: 'VBD', uuid: vbd } }, async () => {
    await begin(context, dom, target, to);
    try {
      await copied(context, dom, target, watch);
      await pivot(context, dom, target);
    } catch (thrown) {
      await abort(context, dom, target);
      throw thrown;
    }
  });
  await rememberDisks(context, uuid);
  await inDefinition(context, dom, async (inactive, definition) => {
    const defined = driveAt(definition, target);
    // libvirt writes it there itself when both were the same before.
    if (defined?.path === path) {
      setSource(defined.element, to);
      const flags = DomainDeviceModifyFlags.CONFIG;
      await context.session.call('DOMAIN_UPDATE_DEVICE_FLAGS', { dom: inactive, xml: formatXml(defined.element), flags });
    }
    await noteDevices(context, inactive, definition, withSource(vbd, { volume: destination, path: to.path }));
  });
  watch.progress(1);
}

/** Ends a copy that an earlier process may have begun. Resolves when libvirt has let go of the copy. See `Compute.abandonMove`. */
export async function abandonMove(context: ComputeContext, uuid: string, vbd: string): Promise<void> {
  const known = context.states.find(uuid);
  if (known === undefined || !isLiving(known)) return;
  const dom = await context.live(uuid);
  const drive = driveOf(await context.liveXml(uuid), vbd);
  if (drive === undefined || child(drive.element, 'mirror') === undefined) return;
  await asHost({ vm: uuid, device: { class: 'VBD', uuid: vbd } }, () => abort(context, dom, drive.target));
  const end = Date.now() + ABANDON_LIMIT;
  while (child(driveOf(await context.liveXml(uuid), vbd)?.element, 'mirror') !== undefined) {
    if (Date.now() > end) throw new ApiError('INTERNAL_ERROR', `libvirt: the copy of ${drive.target} does not end`);
    await sleep(LOOK_EVERY);
  }
}

/** QEMU copies between disks of one size only, so the one that is left is given the size of the other before. */
async function begin({ session }: ComputeContext, dom: DomainRef, target: string, to: VolumeSource): Promise<void> {
  const { capacity } = await session.call('DOMAIN_GET_BLOCK_INFO', { dom, path: target, flags: 0 });
  if (to.virtualSize !== undefined && to.virtualSize > capacity) {
    const size = to.virtualSize;
    await session.call('DOMAIN_BLOCK_RESIZE', { dom, disk: target, size, flags: DomainBlockResizeFlags.BYTES });
  }
  const destxml = render(tag('disk', { type: to.kind }, tag('driver', { type: to.format }), tag('source', sourceAttributes(to))));
  const flags = DomainBlockCopyFlags.REUSE_EXT | DomainBlockCopyFlags.TRANSIENT_JOB;
  await session.call('DOMAIN_BLOCK_COPY', { dom, path: target, destxml, params: [], flags }, { timeout: NO_LIMIT });
}

/** Resolves when both have the same data, from when on QEMU writes to both. */
async function copied(context: ComputeContext, dom: DomainRef, target: string, watch: Watch): Promise<void> {
  const { session } = context;
  const { signal } = watch;
  let most = 0;
  for (;;) {
    if (signal.aborted) throw cancellation(signal);
    const { found, cur, end } = await session.read('DOMAIN_GET_BLOCK_JOB_INFO', { dom, path: target, flags: 0 });
    if (found === 0) throw new ApiError('INTERNAL_ERROR', `libvirt: the copy of ${target} failed`);
    if (end > 0 && cur / end > most) {
      most = cur / end;
      watch.progress(most * COPY_SHARE);
    }
    if (cur === end && (await isReady(context, dom, target))) return;
    await restUntil(LOOK_EVERY, signal);
  }
}

async function isReady(context: ComputeContext, dom: DomainRef, target: string): Promise<boolean> {
  const disk = driveAt(await context.liveXml(dom.uuid), target);
  return attribute(child(disk?.element, 'mirror'), 'ready') === 'yes';
}

/** What the guest writes now may make it wait once more. */
async function pivot({ session }: ComputeContext, dom: DomainRef, target: string): Promise<void> {
  const flags = DomainBlockJobAbortFlags.PIVOT;
  await session.call('DOMAIN_BLOCK_JOB_ABORT', { dom, path: target, flags }, { timeout: NO_LIMIT });
}

async function abort({ session, warn }: ComputeContext, dom: DomainRef, target: string): Promise<void> {
  try {
    await session.call('DOMAIN_BLOCK_JOB_ABORT', { dom, path: target, flags: 0 });
  } catch (thrown) {
    // The copy itself failed, or the domain is gone.
    if (!hasCode(thrown, ErrorCode.INVALID_ARG, ErrorCode.OPERATION_INVALID)) warn(thrown, `a copy of ${target} may go on`);
  }
}
