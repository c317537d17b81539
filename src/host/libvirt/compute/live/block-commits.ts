import { DomainBlockCommitFlags, DomainBlockJobAbortFlags, DomainBlockJobType, ErrorCode } from 'node-libvirt';
import { ApiError } from '../../../../model/error.js';
import { attribute, child, type Element } from '../../domain-xml/xml.js';
import { asHost, hasCode } from '../../errors.js';
import type { MergedLayers } from '../../volume-source.js';
import type { ComputeContext, DomainRef } from '../context.js';
import { driveAt } from './elements.js';
import { NO_LIMIT } from './job.js';
import { restUntil } from './rest.js';

/** Milliseconds between two looks at a commit: nobody waits for it. */
const LOOK_EVERY = 500;

/** What commits work with. */
type Commits = Pick<ComputeContext, 'session' | 'liveXml'>;

/** The disk of a living domain, and how libvirt calls its place. */
export interface LiveDrive {
  readonly dom: DomainRef;
  readonly target: string;
}

/**
 * Moves what one layer of a disk holds into the one below, by QEMU; resolves when all is there, and QEMU writes to both where the upper one is
 * what the guest writes to. Rejects with the reason of the signal, and where libvirt cannot; nothing goes on then.
 */
export async function commitLayer(
  context: Commits,
  { dom, target }: LiveDrive,
  { upper, lower }: MergedLayers,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const layers = layersOf(driveAt(await context.liveXml(dom.uuid), target)?.element);
  const at = layers.findIndex(({ path }) => upper.includes(path));
  const [top, base] = [layers[at], layers[at + 1]];
  if (at < 0 || top === undefined || base === undefined || !lower.includes(base.path)) {
    throw new ApiError('INTERNAL_ERROR', `libvirt: the layers of ${target} are others`);
  }
  const isNewest = at === 0;
  const { ACTIVE, RELATIVE } = DomainBlockCommitFlags;
  const call = {
    dom,
    disk: target,
    base: `${target}[${base.index}]`,
    top: isNewest ? undefined : `${target}[${top.index}]`,
    bandwidth: 0,
    flags: isNewest ? ACTIVE : RELATIVE,
  };
  await asHost({ vm: dom.uuid }, () => context.session.call('DOMAIN_BLOCK_COMMIT', call, { timeout: NO_LIMIT }));
  try {
    await (isNewest ? untilReady(context, { dom, target }, signal) : untilGone(context, { dom, target }, upper, signal));
  } catch (thrown) {
    await endCommit(context, { dom, target }).catch(() => undefined);
    throw thrown;
  }
}

/** Makes QEMU go on in the lower layer alone. */
export async function pivotLayer({ session }: Commits, { dom, target }: LiveDrive): Promise<void> {
  const flags = DomainBlockJobAbortFlags.PIVOT;
  await asHost({ vm: dom.uuid }, () =>
    session.call('DOMAIN_BLOCK_JOB_ABORT', { dom, path: target, flags }, { timeout: NO_LIMIT }),
  );
}

/** Ends a commit that goes on at a disk; other jobs are somebody else's. */
export async function endCommit({ session }: Commits, { dom, target }: LiveDrive): Promise<void> {
  try {
    const { found, type } = await session.read('DOMAIN_GET_BLOCK_JOB_INFO', { dom, path: target, flags: 0 });
    if (found === 0 || !(type === DomainBlockJobType.COMMIT || type === DomainBlockJobType.ACTIVE_COMMIT)) return;
    await session.call('DOMAIN_BLOCK_JOB_ABORT', { dom, path: target, flags: 0 }, { timeout: NO_LIMIT });
  } catch (thrown) {
    // It has ended by itself, or with the domain.
    if (!hasCode(thrown, ErrorCode.INVALID_ARG, ErrorCode.OPERATION_INVALID, ErrorCode.NO_DOMAIN)) throw thrown;
  }
}

async function untilReady(context: Commits, { dom, target }: LiveDrive, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const disk = driveAt(await context.liveXml(dom.uuid), target);
    const mirror = child(disk?.element, 'mirror');
    if (mirror === undefined) throw new ApiError('INTERNAL_ERROR', `libvirt: a commit of ${target} failed`);
    if (attribute(mirror, 'ready') === 'yes') return;
    await restUntil(LOOK_EVERY, signal);
  }
}

async function untilGone(
  context: Commits,
  { dom, target }: LiveDrive,
  upper: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const { found } = await context.session.read('DOMAIN_GET_BLOCK_JOB_INFO', { dom, path: target, flags: 0 });
    if (found === 0) {
      const layers = layersOf(driveAt(await context.liveXml(dom.uuid), target)?.element);
      if (layers.some(({ path }) => upper.includes(path))) {
        throw new ApiError('INTERNAL_ERROR', `libvirt: a commit of ${target} failed`);
      }
      return;
    }
    signal.throwIfAborted();
    await restUntil(LOOK_EVERY, signal);
  }
}

/** Layers of a disk of a living domain, the newest first, as libvirt numbers them. */
function layersOf(disk: Element | undefined): readonly { readonly path: string; readonly index: string }[] {
  const found: { path: string; index: string }[] = [];
  for (let at = disk; at !== undefined; at = child(at, 'backingStore')) {
    const source = child(at, 'source');
    const path = attribute(source, 'file') ?? attribute(source, 'dev');
    // The newest has its number at its source, others have it themselves.
    const index = attribute(source, 'index') ?? attribute(at, 'index');
    if (path === undefined || index === undefined) break;
    found.push({ path, index });
  }
  return found;
}
