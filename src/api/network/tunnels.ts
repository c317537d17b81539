import { v4 } from 'uuid';
import type { Database } from '../../db/database.js';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { EnumValue } from '../../model/types.js';
import type { Api } from '../api.js';
import { macFromSeed } from '../mac-address.js';
import { exclusively } from './exclusive.js';
import { assertManaged, assertNetworkManaged, assertNotConnected } from './pif-checks.js';
import { isSriovNetwork, layerNames, pifLayers } from './pif-kind.js';
import { createPif } from './pif-records.js';
import { plugPif, unplugPif } from './plug.js';
import { assertVirtualSwitch } from './virtual-switch.js';

type Protocol = EnumValue<'tunnel_protocol'>;

/**
 * Makes a tunnel over an interface, joins it to a network and brings it up, as tunnel.create. Nothing is left of it when
 * that is not possible.
 */
export function createTunnel(
  api: Api,
  transport: Ref<'PIF'>,
  network: Ref<'network'>,
  protocol: Protocol,
): Promise<Ref<'tunnel'>> {
  const { db } = api;
  return exclusively(api, db.get('PIF', transport).host, async () => {
    assertTunnelPossible(api, transport, network);
    const [tunnel, access] = tunnelRecords(db, transport, network, protocol);
    try {
      await plugPif(api, access);
    } catch (thrown) {
      db.transaction(() => {
        if (db.exists('tunnel', tunnel)) db.destroy('tunnel', tunnel);
        if (db.exists('PIF', access)) db.destroy('PIF', access);
      });
      throw thrown;
    }
    return tunnel;
  });
}

function assertTunnelPossible(api: Api, transport: Ref<'PIF'>, network: Ref<'network'>): void {
  const { db } = api;
  const pif = db.get('PIF', transport);
  assertNetworkManaged(db, network);
  assertNotConnected(db, network, pif.host);
  assertManaged(db, transport);
  const layers = layerNames(pifLayers(db, pif));
  if (layers === 'physical' && db.exists('Bond', pif.bond_slave_of))
    throw new ApiError('CANNOT_ADD_TUNNEL_TO_BOND_SLAVE', transport);
  if (layers.startsWith('tunnel')) throw new ApiError('IS_TUNNEL_ACCESS_PIF', transport);
  if (layers.startsWith('sriov')) throw new ApiError('CANNOT_ADD_TUNNEL_TO_SRIOV_LOGICAL', transport);
  if (layers.startsWith('vlan/sriov')) throw new ApiError('CANNOT_ADD_TUNNEL_TO_VLAN_ON_SRIOV_LOGICAL', transport);
  if (isSriovNetwork(db, db.get('network', network))) throw new ApiError('NETWORK_INCOMPATIBLE_WITH_TUNNEL', network);
  for (const [host] of db.all('host')) assertVirtualSwitch(api, host);
}

/** Makes the records of a tunnel whose interface is down. */
export function tunnelRecords(
  db: Database,
  transport: Ref<'PIF'>,
  network: Ref<'network'>,
  protocol: Protocol,
): [Ref<'tunnel'>, Ref<'PIF'>] {
  return db.transaction(() => {
    const { host, metrics, primary_address_type } = db.get('PIF', transport);
    const device = freeName(db, host);
    const access = createPif(db, {
      host,
      network,
      device,
      device_name: device,
      MAC: macFromSeed(v4(), 0),
      MTU: -1,
      metrics,
      IPv6: [''],
      primary_address_type,
    });
    const tunnel = db.create('tunnel', {
      access_PIF: access,
      transport_PIF: transport,
      protocol,
      status: new Map([['active', 'false']]),
    });
    return [tunnel, access];
  });
}

function freeName(db: Database, host: Ref<'host'>): string {
  const taken = new Set(db.get('host', host).PIFs.map((pif) => db.get('PIF', pif).device));
  let number = 0;
  while (taken.has(`tunnel${number}`)) number++;
  return `tunnel${number}`;
}

/** Takes a tunnel down and removes it with its interface, as tunnel.destroy. */
export async function destroyTunnel(api: Api, tunnel: Ref<'tunnel'>): Promise<void> {
  const { db } = api;
  const { access_PIF: access } = db.get('tunnel', tunnel);
  await exclusively(api, db.get('PIF', access).host, async () => {
    await unplugPif(api, access);
    db.transaction(() => {
      db.destroy('tunnel', tunnel);
      db.destroy('PIF', access);
    });
  });
}
