import type { DomainSpec, NicSpec } from '../../compute.js';
import { bridgeName } from './described-devices.js';
import { uuidInAlias } from './device-names.js';
import { type NicElement, nicElements } from './found-devices.js';
import type { Hardware } from './hardware.js';
import { nicMarkup, setBridge, setMac, setModel, setMtu } from './nic-device.js';
import type { Stored, StoredNic } from './stored.js';
import type { Surroundings } from './surroundings.js';
import { append, drop, type Element, ensure } from './xml.js';

/** Changes the cards that are there to what the model says of them, and takes away those that it no longer has. */
export function editNics(
  domain: Element,
  spec: DomainSpec,
  hardware: Hardware,
  surroundings: Surroundings,
  before: { readonly stored: Stored | undefined; readonly hardware: Hardware },
): void {
  const wanted = new Map(spec.nics.map((nic) => [nic.vif, nic]));
  for (const found of nicElements(domain)) {
    const nic = wanted.get(found.uuid);
    if (nic) {
      editNic(found, nic, surroundings);
      if (before.hardware.nicModel !== hardware.nicModel) setModel(found.element, hardware.nicModel);
    } else if (isKnown(found, before.stored, surroundings)) drop(found.element);
  }
}

/** Adds the cards that are not there. */
export function addMissingNics(domain: Element, spec: DomainSpec, hardware: Hardware, surroundings: Surroundings): void {
  const there = new Set(nicElements(domain).map(({ uuid }) => uuid));
  const devices = ensure(domain, 'devices');
  for (const nic of [...spec.nics].sort((a, b) => a.position - b.position))
    if (!there.has(nic.vif)) append(devices, nicMarkup(nic, hardware, surroundings.openVswitchBridges));
}

/** What is kept of the cards. */
export function storedNics(spec: DomainSpec): ReadonlyMap<string, StoredNic> {
  return new Map(spec.nics.map(({ vif, position, locking, qos }) => [vif, { vif, position, locking, qos }]));
}

/** Changes a card where the model says something else than it does. */
export function editNic(
  found: NicElement,
  nic: NicSpec,
  { bridgeOf, openVswitchBridges }: Pick<Surroundings, 'bridgeOf' | 'openVswitchBridges'>,
): void {
  if (bridgeName(found, bridgeOf) !== nic.bridge) setBridge(found.element, nic.bridge, openVswitchBridges);
  if (found.mac !== nic.mac.toLowerCase()) setMac(found.element, nic.mac);
  if (found.mtu !== nic.mtu) setMtu(found.element, nic.mtu);
}

/** Whether the model has had a card, so that one that it lacks now is to go. */
function isKnown(found: NicElement, stored: Stored | undefined, { bridgeOf }: Surroundings): boolean {
  if (uuidInAlias(found.element) !== undefined || stored?.nics.has(found.uuid)) return true;
  return !stored && bridgeName(found, bridgeOf) !== '';
}
