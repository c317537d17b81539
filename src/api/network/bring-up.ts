import type { BondSpec, HostNetwork, InterfaceAddresses } from '../../host/network.js';
import { ApiError } from '../../model/error.js';
import { isNullRef, type Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import type { Api } from '../api.js';
import { reach } from '../reach.js';
import { hostDevice, layerNames, type PifKind, pifKind, pifLayers } from './pif-kind.js';

/**
 * Sets an interface up on its host, whatever it is made of: device, bridge, addresses; one that is up is brought into
 * the shape that its record has now. Members of a bond that comes up go down with their bridges. The caller has the host
 * to itself (see `exclusively`). Rejects with HOST_OFFLINE and what the host refuses; the record then is as before.
 */
export async function bringPifUp(api: Api, ref: Ref<'PIF'>): Promise<void> {
  const { db } = api;
  updateBondMac(api, ref);
  const pif = db.get('PIF', ref);
  const kind = pifKind(pif);
  const { network: host } = reach(api, pif.host);
  if (kind.kind === 'sriov') throw new ApiError('NETWORK_SRIOV_ENABLE_FAILED', ref, 'the host has no way to turn it on');
  if (layerNames(pifLayers(db, pif)).startsWith('vlan/sriov')) return followSriov(api, ref, kind);
  const network = db.get('network', pif.network);
  const mtu = mtuOf(pif, network);
  const device = await makeDevice(api, host, pif, kind);
  if (kind.kind === 'bond') await releaseMembers(api, host, kind.bond);
  await host.ensureBridge(network.bridge, device, mtu);
  await host.bringUp(device);
  const addresses = await setAddresses(host, device, pif);
  db.transaction(() => {
    if (!db.exists('PIF', ref)) return;
    db.set('PIF', ref, {
      device_name: device,
      currently_attached: true,
      MTU: mtu,
      ...receivedAddresses(pif, addresses),
      ...(pif.VLAN === -1 && { igmp_snooping_status: db.get('pool', api.pool).igmp_snooping_enabled ? 'enabled' : 'disabled' }),
    });
    if (kind.kind === 'bond') membersDown(api, kind.bond, network.MTU);
    if (kind.kind === 'tunnel') setActive(api, kind.tunnel, true);
    const bond = db.find('Bond', pif.bond_slave_of)?.fields;
    if (bond && db.exists('PIF', bond.master)) db.set('PIF', bond.master, { currently_attached: false });
  });
}

/** Takes an interface down on its host. Addresses stay in the record for the next time. */
export async function bringPifDown(api: Api, ref: Ref<'PIF'>): Promise<void> {
  const { db } = api;
  const pif = db.get('PIF', ref);
  if (!pif.currently_attached) return;
  const kind = pifKind(pif);
  const { network: host } = reach(api, pif.host);
  if (kind.kind === 'sriov') throw new ApiError('NETWORK_SRIOV_DISABLE_FAILED', ref, 'the host has no way to turn it off');
  if (!layerNames(pifLayers(db, pif)).startsWith('vlan/sriov')) {
    await host.removeBridge(db.get('network', pif.network).bridge);
    await removeDevice(api, host, pif, kind);
  }
  db.transaction(() => {
    if (db.exists('PIF', ref)) db.set('PIF', ref, { currently_attached: false });
    if (kind.kind === 'tunnel') setActive(api, kind.tunnel, false);
  });
}

/** Largest packet of an interface: its network's, unless it has one of its own. */
export function mtuOf(pif: Fields<'PIF'>, network: Fields<'network'>): number {
  const own = pif.other_config.get('mtu') ?? '';
  return /^[1-9]\d{0,5}$/.test(own) ? Number(own) : network.MTU;
}

/** A bond shows the address of its first member unless somebody chose one for it. */
function updateBondMac({ db }: Api, ref: Ref<'PIF'>): void {
  const [bond] = db.get('PIF', ref).bond_master_of;
  const record = bond && db.get('Bond', bond);
  if (!record?.auto_update_mac) return;
  const primary = db.find('PIF', record.primary_slave)?.fields;
  if (primary) db.set('PIF', ref, { MAC: primary.MAC });
}

/** The device in the host's own system, made where it has to be. */
async function makeDevice({ db }: Api, host: HostNetwork, pif: Fields<'PIF'>, kind: PifKind): Promise<string> {
  const device = hostDevice(pif);
  switch (kind.kind) {
    case 'vlan': {
      const { tagged_PIF, tag } = db.get('VLAN', kind.vlan);
      if (pif.currently_attached) return device;
      return keepExisting('VLAN_IN_USE', pif, () => host.createVlan(hostDevice(db.get('PIF', tagged_PIF)), tag));
    }
    case 'bond': {
      const spec = bondSpec(kind.bond, pif, { db });
      await (pif.currently_attached ? host.changeBond(spec) : host.createBond(spec));
      return device;
    }
    case 'tunnel': {
      const { transport_PIF, protocol, status } = db.get('tunnel', kind.tunnel);
      if (pif.currently_attached) return device;
      // Without a key of a controller's, the network's own name joins its hosts and nobody else.
      const key = status.get('key') || db.get('network', pif.network).uuid;
      return host.createTunnel(hostDevice(db.get('PIF', transport_PIF)), protocol, key);
    }
    default:
      return device;
  }
}

/** A device that was made before, and that a record calls down by mistake, is taken as it is. */
async function keepExisting(code: string, pif: Fields<'PIF'>, make: () => Promise<string>): Promise<string> {
  try {
    return await make();
  } catch (thrown) {
    const madeBefore = pif.device_name !== '' && pif.device_name !== pif.device;
    if (madeBefore && thrown instanceof ApiError && thrown.code === code) return pif.device_name;
    throw thrown;
  }
}

/** A bond as a host needs to know it. */
export function bondSpec(bond: Ref<'Bond'>, master: Fields<'PIF'>, { db }: Pick<Api, 'db'>): BondSpec {
  const { slaves, primary_slave, mode, properties } = db.get('Bond', bond);
  // The host takes what is not said, such as the address that DHCP knows, from the first one.
  const ordered = [...slaves.filter((slave) => slave === primary_slave), ...slaves.filter((slave) => slave !== primary_slave)];
  return {
    device: master.device,
    mode,
    slaves: ordered.map((slave) => hostDevice(db.get('PIF', slave))),
    mac: master.MAC,
    properties,
  };
}

/** A card in a bond has no bridge of its own any more. */
async function releaseMembers({ db }: Api, host: HostNetwork, bond: Ref<'Bond'>): Promise<void> {
  for (const slave of db.get('Bond', bond).slaves) {
    const { currently_attached, network } = db.get('PIF', slave);
    if (currently_attached) await host.removeBridge(db.get('network', network).bridge);
  }
}

function membersDown({ db }: Api, bond: Ref<'Bond'>, mtu: number): void {
  for (const slave of db.get('Bond', bond).slaves) {
    db.set('PIF', slave, { currently_attached: false });
    db.set('network', db.get('PIF', slave).network, { MTU: mtu });
  }
}

async function removeDevice({ db }: Api, host: HostNetwork, pif: Fields<'PIF'>, kind: PifKind): Promise<void> {
  switch (kind.kind) {
    case 'vlan': {
      const { tagged_PIF, tag } = db.get('VLAN', kind.vlan);
      return host.removeVlan(hostDevice(db.get('PIF', tagged_PIF)), tag);
    }
    case 'bond':
      return host.removeBond(pif.device);
    case 'tunnel':
      return host.removeTunnel(hostDevice(pif));
    default:
      return host.bringDown(hostDevice(pif));
  }
}

/** A VLAN of virtual functions has no device: it is up while what it is built on is. */
function followSriov({ db }: Api, ref: Ref<'PIF'>, kind: PifKind): void {
  if (kind.kind !== 'vlan') return;
  const below = db.get('PIF', db.get('VLAN', kind.vlan).tagged_PIF);
  db.set('PIF', ref, { currently_attached: below.currently_attached });
}

function setActive({ db }: Api, tunnel: Ref<'tunnel'>, active: boolean): void {
  const record = db.find('tunnel', tunnel)?.fields;
  if (record) db.set('tunnel', tunnel, { status: new Map([...record.status, ['active', String(active)]]) });
}

/** Gives an interface the addresses that its record says; resolves with those that it has then. */
export async function setAddresses(host: HostNetwork, device: string, pif: Fields<'PIF'>): Promise<InterfaceAddresses> {
  const fixed = pif.ip_configuration_mode === 'Static';
  await host.configureIp(device, {
    mode: pif.ip_configuration_mode,
    ip: fixed ? pif.IP : '',
    netmask: fixed ? pif.netmask : '',
    gateway: fixed ? pif.gateway : '',
    dns: fixed ? pif.DNS : '',
  });
  const fixed6 = pif.ipv6_configuration_mode === 'Static';
  return host.configureIpv6(device, {
    mode: pif.ipv6_configuration_mode,
    addresses: fixed6 ? pif.IPv6.filter((address) => address !== '' && !/^fe80/i.test(address)) : [],
    gateway: fixed6 ? pif.ipv6_gateway : '',
    dns: fixed6 ? pif.DNS : '',
  });
}

/** What somebody else gave the interface; what was set by hand stays as it was set. */
function receivedAddresses(pif: Fields<'PIF'>, { ipv4, ipv6, gateway, dns }: InterfaceAddresses): Partial<Fields<'PIF'>> {
  const [first] = ipv4;
  const mode6 = pif.ipv6_configuration_mode;
  return {
    ...(pif.ip_configuration_mode === 'DHCP' && { IP: first?.address ?? '', netmask: first?.netmask ?? '', gateway, DNS: dns }),
    ...((mode6 === 'DHCP' || mode6 === 'Autoconf') && { IPv6: ipv6 }),
  };
}

/** Whether an interface is a member of a bond, which goes up and down with it. */
export function isBondMember(pif: Fields<'PIF'>): boolean {
  return !isNullRef(pif.bond_slave_of);
}
