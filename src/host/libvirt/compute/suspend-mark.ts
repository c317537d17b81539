import type { VolumeAddress } from '../../storage.js';
import { asHost } from '../errors.js';
import type { ComputeContext } from './context.js';
import { writeNote } from './own-metadata.js';

/**
 * Notes in a domain that its memory is in a volume, before it goes there: to libvirt, a domain that was saved to a file is one that
 * is shut off. A domain that libvirt would forget with its end is given a description first.
 */
export async function markSuspended(context: ComputeContext, uuid: string, image: VolumeAddress): Promise<void> {
  const { session } = context;
  const dom = await context.domain(uuid);
  await asHost({ vm: uuid }, async () => {
    const { persistent } = await session.call('DOMAIN_IS_PERSISTENT', { dom });
    if (persistent === 0) await session.call('DOMAIN_DEFINE_XML_FLAGS', { xml: await context.inactiveXml(uuid), flags: 0 });
    await writeNote(session, dom, 'suspended', `${image.sr}/${image.location}`.replaceAll(/[^\w./:-]/g, '_'));
  });
}

/** Takes the note away: the memory was not saved, is no longer needed, or is in a domain again. */
export async function unmarkSuspended(context: ComputeContext, uuid: string): Promise<void> {
  const dom = await context.domain(uuid);
  await asHost({ vm: uuid, expected: 'suspended' }, () => writeNote(context.session, dom, 'suspended', undefined));
}
