import type { Logger } from 'pino';
import type { Database } from '../../db/database.js';
import type { Host, HostFacts } from '../../host/host.js';
import type { HostNetwork } from '../../host/network.js';
import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import { bondSpec, mtuOf, setAddresses } from '../network/bring-up.js';
import { hostDevice, type PifKind, pifKind } from '../network/pif-kind.js';

/** Kinds of interfaces by what they are built on: a VLAN may be over a bond, a tunnel over both. */
const ORDER: readonly PifKind['kind'][] = ['physical', 'bond', 'vlan', 'tunnel'];

/**
 * Gives a host the bonds, VLANs, tunnels, bridges and addresses that a dump says it had. Interfaces that it cannot have
 * are shown as down. Called once, before the API is built.
 */
export async function createDumpedNetwork(db: Database, ref: Ref<'host'>, host: Host, log: Logger): Promise<void> {
  const kinds = new Map(db.get('host', ref).PIFs.map((pif) => [pif, kindOf(db.get('PIF', pif))]));
  for (const kind of [...ORDER, 'sriov', undefined] as const) {
    for (const [pif, own] of kinds) {
      const fields = db.get('PIF', pif);
      if (own?.kind !== kind || !fields.currently_attached) continue;
      try {
        if (!own) throw new Error('it is neither a card nor built on one');
        await bringUp(db, host.network, fields, own);
      } catch (thrown) {
        reportDown(log, host.facts, fields, thrown);
        db.set('PIF', pif, { currently_attached: false });
      }
    }
  }
}

function reportDown(log: Logger, host: HostFacts, { uuid, device }: Fields<'PIF'>, thrown: unknown): void {
  log.warn({ err: thrown, host: host.uuid, pif: uuid, device }, 'an interface of the dump cannot be brought up');
}

function kindOf(pif: Fields<'PIF'>): PifKind | undefined {
  try {
    return pifKind(pif);
  } catch {
    return undefined;
  }
}

async function bringUp(db: Database, host: HostNetwork, pif: Fields<'PIF'>, kind: PifKind): Promise<void> {
  const network = db.get('network', pif.network);
  const device = await makeDevice(db, host, pif, kind);
  await host.ensureBridge(network.bridge, device, mtuOf(pif, network));
  await setAddresses(host, device, pif);
}

async function makeDevice(db: Database, host: HostNetwork, pif: Fields<'PIF'>, kind: PifKind): Promise<string> {
  switch (kind.kind) {
    case 'bond':
      await host.createBond(bondSpec(kind.bond, pif, { db }));
      return hostDevice(pif);
    case 'vlan': {
      const { tagged_PIF, tag } = db.get('VLAN', kind.vlan);
      return host.createVlan(hostDevice(db.get('PIF', tagged_PIF)), tag);
    }
    case 'tunnel': {
      const { transport_PIF, protocol, status } = db.get('tunnel', kind.tunnel);
      return host.createTunnel(hostDevice(db.get('PIF', transport_PIF)), protocol, status.get('key') ?? '');
    }
    case 'sriov':
      throw new Error('virtual functions of cards are not there');
    default:
      return hostDevice(pif);
  }
}
