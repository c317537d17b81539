import { DomainSnapshotCreateFlags } from 'node-libvirt';
import { throwIfCancelled, type Watch } from '../../../progress.js';
import type { VolumeAddress } from '../../../storage.js';
import { render, tag } from '../../domain-xml/xml.js';
import { asHost } from '../../errors.js';
import type { ComputeContext, DomainRef } from '../context.js';
import { diskPlaces } from './elements.js';
import { NO_LIMIT, withJob } from './job.js';
import { standingStill } from './standing-still.js';

/**
 * Writes the memory of a domain to a volume from which `resume` can start it, and lets it go on afterwards, whatever happens.
 * `frozen` runs at the moment that the memory is of, so that disks can be of the same.
 */
export async function saveMemory(
  context: ComputeContext,
  uuid: string,
  image: VolumeAddress,
  frozen: () => Promise<void>,
  watch: Watch,
): Promise<void> {
  throwIfCancelled(watch.signal);
  const dom = await context.live(uuid);
  const path = await context.sources.memoryImage(image);
  await context.states.quietly(uuid, () =>
    standingStill(context, dom, async () => {
      await writeMemory(context, dom, path, watch);
      await frozen();
    }),
  );
  watch.progress(1);
}

/** A snapshot of the memory alone: libvirt does not take disks along that are named and refused. */
async function writeMemory(context: ComputeContext, dom: DomainRef, path: string, watch: Watch): Promise<void> {
  const { session } = context;
  const targets = diskPlaces(await context.liveXml(dom.uuid));
  const xml = render(
    tag(
      'domainsnapshot',
      {},
      tag('memory', { snapshot: 'external', file: path }),
      tag('disks', {}, ...targets.map((name) => tag('disk', { name, snapshot: 'no' }))),
    ),
  );
  const flags = DomainSnapshotCreateFlags.NO_METADATA;
  await asHost({ vm: dom.uuid }, () =>
    withJob(context, dom, watch, () =>
      session.call('DOMAIN_SNAPSHOT_CREATE_XML', { dom, xml_desc: xml, flags }, { timeout: NO_LIMIT }),
    ),
  );
}
