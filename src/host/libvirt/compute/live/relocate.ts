import type { DomainSpec } from '../../../compute.js';
import { writeKernel } from '../../domain-xml/direct-boot.js';
import { positionOf } from '../../domain-xml/disk-place.js';
import { diskElements, nicElements } from '../../domain-xml/found-devices.js';
import { setBridge } from '../../domain-xml/nic-device.js';
import type { Surroundings } from '../../domain-xml/surroundings.js';
import { attribute, child, children, type Element, formatXml, parseXml, set } from '../../domain-xml/xml.js';
import { setSource } from './elements.js';

/**
 * The description of a domain whose memory goes on elsewhere or later, with what the host there gives it: data of disks, bridges,
 * socket of the screen. Everything that the guest can see must stay, else libvirt refuses it.
 */
export function relocate(
  xml: string,
  spec: DomainSpec,
  surroundings: Pick<Surroundings, 'sources' | 'vncSocket' | 'openVswitchBridges'>,
): string {
  const domain = parseXml(xml);
  for (const { element, uuid, target } of diskElements(domain)) {
    // A VM that went back to a snapshot has other VBDs in the same places.
    const now = spec.disks.find(({ vbd }) => vbd === uuid) ?? spec.disks.find(({ position }) => position === positionOf(target));
    if (now === undefined) continue;
    setSource(element, surroundings.sources.get(now.vbd));
    rename(element, now.vbd);
  }
  for (const { element, uuid, mac, source } of nicElements(domain)) {
    const now = spec.nics.find(({ vif }) => vif === uuid) ?? spec.nics.find((nic) => nic.mac.toLowerCase() === mac);
    if (now === undefined) continue;
    if (source.bridge !== undefined && source.bridge !== now.bridge)
      setBridge(element, now.bridge, surroundings.openVswitchBridges);
    rename(element, now.vif);
  }
  dropInstaller(domain, spec);
  for (const graphics of children(child(domain, 'devices'), 'graphics')) moveScreen(graphics, surroundings.vncSocket);
  return formatXml(domain);
}

/**
 * An installer that runs is in memory whole, and its next boot is from the disk: its files may be gone by now, and were never on
 * another host. A kernel that the VM boots each time stays.
 */
function dropInstaller(domain: Element, { boot }: DomainSpec): void {
  if (boot.kind === 'hvm' || boot.kernel === '') writeKernel(domain, undefined);
}

/** Only names that we gave: libvirt makes the others itself. */
function rename(device: Element, uuid: string): void {
  const alias = child(device, 'alias');
  if (alias && attribute(alias, 'name')?.startsWith('ua-')) set(alias, { name: `ua-${uuid}` });
}

/** A screen on a socket, as ours are, is served where the host there serves them; others stay as somebody wanted them. */
function moveScreen(graphics: Element, socket: string): void {
  const listen = children(graphics, 'listen').find((one) => attribute(one, 'type') === 'socket');
  if (attribute(graphics, 'type') !== 'vnc' || listen === undefined) return;
  set(graphics, { socket });
  set(listen, { socket });
}
