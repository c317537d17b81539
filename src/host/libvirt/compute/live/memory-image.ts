import { DomainSaveImageXMLFlags, LibvirtError } from 'node-libvirt';
import { ApiError } from '../../../../model/error.js';
import type { DomainSpec } from '../../../compute.js';
import type { VolumeAddress } from '../../../storage.js';
import { parseXml, textOf } from '../../domain-xml/xml.js';
import { memoryOverhead } from '../../memory.js';
import type { ComputeContext } from '../context.js';

const MIB = 2 ** 20;
/** Bytes for the description in front of the memory and the state of devices behind it; video memory is most of that. */
const DEVICES = 64 * MIB;

/** Bytes that an image of a domain takes at most: memory is not compressed. */
export function memoryImageSize({ vcpus, memory }: DomainSpec): number {
  return Math.ceil((memory.staticMax + memoryOverhead(vcpus.max, memory.staticMax) + DEVICES) / MIB) * MIB;
}

/** The description of a domain as an image of it has it. */
export interface ImageDescription {
  readonly path: string;
  readonly name: string;
  readonly xml: string;
}

/** Reads whose image it is. Throws SUSPEND_IMAGE_NOT_ACCESSIBLE when it is none, or that of another domain. */
export async function readImage(
  { session, sources }: ComputeContext,
  image: VolumeAddress,
  uuid: string,
): Promise<ImageDescription> {
  const path = await sources.memoryImage(image);
  const refused = new ApiError('SUSPEND_IMAGE_NOT_ACCESSIBLE', image.location);
  let xml: string;
  try {
    const flags = DomainSaveImageXMLFlags.SECURE;
    ({ xml } = await session.call('DOMAIN_SAVE_IMAGE_GET_XML_DESC', { file: path, flags }));
  } catch (thrown) {
    throw thrown instanceof LibvirtError ? refused : thrown;
  }
  const domain = parseXml(xml);
  const name = textOf(domain, 'name');
  if (textOf(domain, 'uuid')?.trim().toLowerCase() !== uuid || name === undefined) throw refused;
  return { path, name, xml };
}
