import type { Database } from '../../db/database.js';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { isLive } from '../reach.js';
import { exclusively } from './exclusive.js';
import {
  assertManaged,
  assertNetworkManaged,
  assertNoTrunkInNetwork,
  assertNotConnected,
  assertNotInBond,
  assertNotMembersManagement,
  assertUnprotected,
} from './pif-checks.js';
import { isSriovNetwork, layerNames, pifLayers } from './pif-kind.js';
import { createPif, NO_CARD_MAC } from './pif-records.js';
import { plugPif, unplugPif } from './plug.js';

const LAST_TAG = 4094;

/** Throws VLAN_TAG_INVALID. */
export function assertTag(tag: number): void {
  if (tag < 0 || tag > LAST_TAG) throw new ApiError('VLAN_TAG_INVALID', String(tag));
}

/**
 * Makes a VLAN over an interface, joins it to a network and brings it up, as VLAN.create. Nothing is left of it when the
 * host refuses.
 */
export function createVlan(api: Api, tagged: Ref<'PIF'>, tag: number, network: Ref<'network'>): Promise<Ref<'VLAN'>> {
  const { db } = api;
  return exclusively(api, db.get('PIF', tagged).host, async () => {
    assertVlanPossible(db, tagged, tag, network);
    const [vlan, untagged] = vlanRecords(db, tagged, tag, network);
    try {
      await plugPif(api, untagged);
    } catch (thrown) {
      db.transaction(() => {
        if (db.exists('VLAN', vlan)) db.destroy('VLAN', vlan);
        if (db.exists('PIF', untagged)) db.destroy('PIF', untagged);
      });
      throw thrown;
    }
    return vlan;
  });
}

function assertVlanPossible(db: Database, tagged: Ref<'PIF'>, tag: number, network: Ref<'network'>): void {
  const pif = db.get('PIF', tagged);
  assertNetworkManaged(db, network);
  assertNotConnected(db, network, pif.host);
  assertManaged(db, tagged);
  const layers = layerNames(pifLayers(db, pif));
  if (layers === 'physical' && db.exists('Bond', pif.bond_slave_of)) throw new ApiError('CANNOT_ADD_VLAN_TO_BOND_SLAVE', tagged);
  if (layers.startsWith('vlan')) throw new ApiError('PIF_IS_VLAN', tagged);
  if (layers.startsWith('tunnel')) throw new ApiError('IS_TUNNEL_ACCESS_PIF', tagged);
  const fields = db.get('network', network);
  const sriov = isSriovNetwork(db, fields);
  if (layers.startsWith('sriov')) {
    if (fields.PIFs.length && !sriov) throw new ApiError('NETWORK_INCOMPATIBLE_WITH_VLAN_ON_SRIOV', network);
  } else if (sriov) throw new ApiError('NETWORK_INCOMPATIBLE_WITH_VLAN_ON_BRIDGE', network);
  assertTag(tag);
  if (vlanWithTag(db, tagged, tag)) throw new ApiError('PIF_VLAN_EXISTS', pif.device);
  assertNoTrunkInNetwork(db, network);
}

/** The VLAN with a tag over an interface. */
export function vlanWithTag(db: Database, tagged: Ref<'PIF'>, tag: number): Ref<'VLAN'> | undefined {
  return db.get('PIF', tagged).VLAN_slave_of.find((vlan) => db.find('VLAN', vlan)?.fields.tag === tag);
}

/** Makes the records of a VLAN whose interface is down. It shares link state with the interface that carries it. */
export function vlanRecords(db: Database, tagged: Ref<'PIF'>, tag: number, network: Ref<'network'>): [Ref<'VLAN'>, Ref<'PIF'>] {
  return db.transaction(() => {
    const { host, device, MTU, metrics, primary_address_type } = db.get('PIF', tagged);
    const untagged = createPif(db, {
      host,
      network,
      device,
      device_name: device,
      MAC: NO_CARD_MAC,
      MTU,
      VLAN: tag,
      metrics,
      IPv6: [''],
      primary_address_type,
    });
    const vlan = db.create('VLAN', { tagged_PIF: tagged, untagged_PIF: untagged, tag });
    db.set('PIF', untagged, { VLAN_master_of: vlan });
    return [vlan, untagged];
  });
}

/** Takes a VLAN down and removes it with its interface, as VLAN.destroy. */
export async function destroyVlan(api: Api, vlan: Ref<'VLAN'>): Promise<void> {
  const { db } = api;
  const { untagged_PIF: untagged } = db.get('VLAN', vlan);
  if (!db.exists('PIF', untagged)) return db.destroy('VLAN', vlan);
  await exclusively(api, db.get('PIF', untagged).host, async () => {
    assertNotInBond(db, untagged);
    assertNotMembersManagement(api, untagged);
    assertUnprotected(db, untagged);
    if (db.get('PIF', untagged).VLAN < 0) throw new ApiError('PIF_IS_PHYSICAL');
    await unplugPif(api, untagged);
    db.transaction(() => {
      db.destroy('VLAN', vlan);
      db.destroy('PIF', untagged);
    });
  });
}

/** The interface of a host with a device name that is no VLAN. Throws INVALID_VALUE. */
export function baseInterface(db: Database, host: Ref<'host'>, device: string): Ref<'PIF'> {
  const found = db.get('host', host).PIFs.find((ref) => {
    const pif = db.get('PIF', ref);
    return pif.device === device && pif.VLAN === -1;
  });
  if (!found) throw new ApiError('INVALID_VALUE', 'device', device);
  return found;
}

/** Makes a VLAN on every host, over the interface of that device name; resolves with its interfaces. */
export function createVlansOnDevice(api: Api, device: string, network: Ref<'network'>, tag: number): Promise<Ref<'PIF'>[]> {
  const hosts = [...api.db.table('host').rows.keys()] as Ref<'host'>[];
  return createAll(api, hosts, (host) => createVlan(api, baseInterface(api.db, host, device), tag, network));
}

/**
 * Makes a VLAN on every live host that is in the network of an interface, over its interface there; resolves with the
 * interfaces of the VLAN. Where one host refuses, none keeps it.
 */
export function createVlansFromPif(api: Api, pif: Ref<'PIF'>, network: Ref<'network'>, tag: number): Promise<Ref<'PIF'>[]> {
  const { db } = api;
  const carriers = db.get('network', db.get('PIF', pif).network).PIFs.filter((ref) => isLive(db, db.get('PIF', ref).host));
  return createAll(api, carriers, (carrier) => createVlan(api, carrier, tag, network));
}

async function createAll<T>(api: Api, over: readonly T[], create: (item: T) => Promise<Ref<'VLAN'>>): Promise<Ref<'PIF'>[]> {
  const made: Ref<'VLAN'>[] = [];
  try {
    for (const item of over) made.push(await create(item));
  } catch (thrown) {
    for (const vlan of made) {
      try {
        await destroyVlan(api, vlan);
      } catch (failure) {
        api.log.warn({ err: failure, vlan }, 'a VLAN that is not wanted after all could not be removed');
      }
    }
    throw thrown;
  }
  return made.map((vlan) => api.db.get('VLAN', vlan).untagged_PIF);
}
