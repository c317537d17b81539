import type { Database } from '../../db/database.js';
import type { Host } from '../../host/host.js';
import type { InterfaceAddresses, PhysicalInterface } from '../../host/network.js';
import { toDateTime } from '../../model/datetime.js';
import { NULL_REF, type Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import { recordBridges } from '../discovery/found-networks.js';

/** Name of the bridge over a card: `xenbr0` over `eth0`, as every pool names them so that hosts can be joined. */
export function bridgeOf(device: string): string {
  return device.startsWith('eth') ? `xenbr${device.slice('eth'.length)}` : `br${device}`;
}

/** Measurements of a card as a record holds them. */
export function cardFields(card: PhysicalInterface): Partial<Fields<'PIF_metrics'>> {
  return {
    carrier: card.carrier,
    speed: card.speed,
    duplex: card.duplex,
    vendor_id: card.vendorId,
    vendor_name: card.vendorName,
    device_id: card.deviceId,
    device_name: card.deviceName,
    pci_bus_path: card.pciBusPath,
  };
}

/** Addresses of an interface as a record holds them. */
export function addressFields({ ipv4, ipv6, gateway, dns }: InterfaceAddresses): Partial<Fields<'PIF'>> {
  return { IP: ipv4[0]?.address ?? '', netmask: ipv4[0]?.netmask ?? '', gateway, DNS: dns, IPv6: ipv6 };
}

/**
 * Makes the PIFs of a host's cards, each in the network that the pool has for cards of that name, which is made with
 * the first host. Sets up the bridges, unless the host's network is not ours alone: there a card is in the bridge that it was put into, and
 * other bridges are networks too.
 */
export async function createNetworkRecords(db: Database, ref: Ref<'host'>, host: Host): Promise<void> {
  const { network, facts } = host;
  const bridges = network.isShared ? await network.bridges() : [];
  for (const card of await network.interfaces()) {
    const found = bridges.find(({ devices }) => devices.includes(card.device))?.bridge;
    const bridge = found ?? bridgeOf(card.device);
    if (!network.isShared) await network.ensureBridge(bridge, card.device, card.mtu);
    const management = card.device === facts.managementDevice;
    const addresses = management ? await network.addresses(found ?? card.device) : undefined;
    const attached = management || found !== undefined || !network.isShared;
    db.transaction(() => createPif(db, ref, card, networkOf(db, bridge, card), { attached, addresses }));
  }
  recordBridges(db, bridges);
}

function networkOf(db: Database, bridge: string, card: PhysicalInterface): Ref<'network'> {
  const [known] = db.filter('network', (network) => network.bridge === bridge);
  if (known) return known[0];
  return db.create('network', {
    name_label: `Pool-wide network associated with ${card.device}`,
    bridge,
    MTU: card.mtu,
  });
}

function createPif(
  db: Database,
  host: Ref<'host'>,
  card: PhysicalInterface,
  network: Ref<'network'>,
  { attached, addresses }: { readonly attached: boolean; readonly addresses: InterfaceAddresses | undefined },
): void {
  const metrics = db.create('PIF_metrics', { ...cardFields(card), last_updated: toDateTime() });
  const [pci] = db.filter('PCI', (device) => device.host === host && device.pci_id === card.pciBusPath);
  db.create('PIF', {
    device: card.device,
    network,
    host,
    MAC: card.mac,
    MTU: card.mtu,
    VLAN: -1,
    metrics,
    physical: true,
    currently_attached: attached,
    management: addresses !== undefined,
    bond_slave_of: NULL_REF,
    VLAN_master_of: NULL_REF,
    properties: new Map([['gro', 'on']]),
    PCI: pci?.[0] ?? NULL_REF,
    ...(addresses && { ip_configuration_mode: addresses.leased === false ? 'Static' : 'DHCP', ...addressFields(addresses) }),
  });
}

/** The network inside a host over which installers reach it. OpenXenManager hides it by the name of its bridge. */
export function createInternalNetwork(db: Database): void {
  db.create('network', {
    name_label: 'Host internal management network',
    name_description: 'Gives guests a link-local address at which they can talk to the host',
    bridge: 'xenapi',
    other_config: new Map([
      ['is_guest_installer_network', 'true'],
      ['is_host_internal_management_network', 'true'],
      ['ip_begin', '169.254.0.1'],
      ['ip_end', '169.254.255.254'],
      ['netmask', '255.255.0.0'],
    ]),
  });
}

/**
 * Brings carrier, speed and addresses up to date with what the host's cards are now. Cards that are new or gone are left
 * to PIF.scan, as the original leaves them.
 */
export async function refreshPifs(db: Database, ref: Ref<'host'>, host: Host): Promise<void> {
  const cards = new Map((await host.network.interfaces()).map((card) => [card.device, card]));
  const pifs = db.get('host', ref).PIFs.map((pif) => [pif, db.get('PIF', pif)] as const);
  const addresses = new Map<Ref<'PIF'>, InterfaceAddresses>();
  for (const [pif, fields] of pifs)
    if (fields.currently_attached && fields.ip_configuration_mode !== 'None' && cards.has(fields.device) && fields.physical)
      addresses.set(pif, await host.network.addresses(fields.device));
  db.transaction(() => {
    for (const [pif, fields] of pifs) {
      if (!db.exists('PIF', pif)) continue;
      const now = addresses.get(pif);
      if (now) db.set('PIF', pif, addressFields(now));
      const card = fields.physical ? cards.get(fields.device) : undefined;
      if (!card || !db.exists('PIF_metrics', fields.metrics)) continue;
      const before = db.record('PIF_metrics', fields.metrics);
      db.set('PIF_metrics', fields.metrics, cardFields(card));
      if (db.record('PIF_metrics', fields.metrics) !== before)
        db.set('PIF_metrics', fields.metrics, { last_updated: toDateTime() });
    }
  });
}

/**
 * Sets the bridges of a host's attached cards up again: they do not outlive a boot of the host. Where others shape the network too,
 * bridges are made when a guest needs them, and those that somebody made since become networks.
 */
export async function ensureBridges(db: Database, ref: Ref<'host'>, host: Host): Promise<void> {
  if (host.network.isShared) {
    recordBridges(db, await host.network.bridges());
    return;
  }
  for (const pif of db.get('host', ref).PIFs) {
    const { physical, currently_attached, network, device, MTU } = db.get('PIF', pif);
    const bridge = db.find('network', network)?.fields.bridge;
    if (physical && currently_attached && bridge) await host.network.ensureBridge(bridge, device, MTU);
  }
}
