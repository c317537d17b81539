import { DomainMetadataType, DomainModificationImpact } from 'node-libvirt';
import { NAMESPACE, readStored, type Stored, type StoredDisk, type StoredNic, writeStored } from '../../domain-xml/stored.js';
import { child, children, parseXml, render, tag } from '../../domain-xml/xml.js';
import type { ComputeContext, DomainRef } from '../context.js';
import { inDefinition } from './definition.js';

/** libvirt's name for the prefix of our data. */
const KEY = 'xenapi';

/** A change of what a description keeps of a VM beside what XML can express. */
export type Change = (stored: Stored) => Stored;

/**
 * Tells the definition of a domain what XML cannot express of a change of its devices, so that they are found as what they are.
 * The definition of a domain of other origin has no such data and gets none. `definition`: as it was before.
 */
export async function noteDevices(
  { session }: ComputeContext,
  dom: DomainRef,
  definition: string,
  change: Change,
): Promise<void> {
  const metadata = changedData(definition, change);
  if (metadata === undefined) return;
  const args = { dom, type: DomainMetadataType.ELEMENT, metadata, key: KEY, uri: NAMESPACE };
  await session.call('DOMAIN_SET_METADATA', { ...args, flags: DomainModificationImpact.CONFIG });
}

/**
 * Plugs a device in that the definition is told of before: whoever looks at it the moment it is there finds it as what it is.
 * When it cannot be plugged in, the definition has what it had before.
 */
export async function noted(
  context: ComputeContext,
  dom: DomainRef,
  change: Change,
  plug: () => Promise<unknown>,
): Promise<void> {
  let before: Stored | undefined;
  await inDefinition(context, dom, async (inactive, definition) => {
    before = readStored(parseXml(definition));
    await noteDevices(context, inactive, definition, change);
  });
  try {
    await plug();
  } catch (thrown) {
    const old = before;
    if (old) await inDefinition(context, dom, (inactive, definition) => noteDevices(context, inactive, definition, () => old));
    throw thrown;
  }
}

/** One drive is another; with undefined it is gone. */
export function withDisk(vbd: string, disk: StoredDisk | undefined): Change {
  return (stored) => ({ ...stored, disks: changed(stored.disks, vbd, disk) });
}

/** One drive, if it is known, has something else in it. */
export function withSource(vbd: string, source: Pick<StoredDisk, 'volume' | 'path'>): Change {
  return (stored) => {
    const before = stored.disks.get(vbd);
    return before ? withDisk(vbd, { ...before, ...source, leftOut: false })(stored) : stored;
  };
}

/** One card is another; with undefined it is gone. */
export function withNic(vif: string, nic: StoredNic | undefined): Change {
  return (stored) => ({ ...stored, nics: changed(stored.nics, vif, nic) });
}

/** Our data in a description after a change, in an element without a namespace: libvirt adds that itself. */
export function changedData(xml: string, change: Change): string | undefined {
  const domain = parseXml(xml);
  const stored = readStored(domain);
  if (stored === undefined) return undefined;
  writeStored(domain, change(stored));
  const own = children(child(domain, 'metadata')).find(({ namespaceURI }) => namespaceURI === NAMESPACE);
  return own && render(tag(own.localName ?? own.nodeName, {}, own.textContent ?? ''));
}

function changed<T>(map: ReadonlyMap<string, T>, key: string, value: T | undefined): ReadonlyMap<string, T> {
  const copy = new Map(map);
  if (value === undefined) copy.delete(key);
  else copy.set(key, value);
  return copy;
}
