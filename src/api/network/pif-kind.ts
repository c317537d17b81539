import type { Database } from '../../db/database.js';
import { ApiError } from '../../model/error.js';
import { isNullRef, type Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';

/** What an interface is, with the object that makes it so. It is one of these only. */
export type PifKind =
  | { readonly kind: 'tunnel'; readonly tunnel: Ref<'tunnel'> }
  | { readonly kind: 'vlan'; readonly vlan: Ref<'VLAN'> }
  | { readonly kind: 'sriov'; readonly sriov: Ref<'network_sriov'> }
  | { readonly kind: 'bond'; readonly bond: Ref<'Bond'> }
  | { readonly kind: 'physical'; readonly pif: Fields<'PIF'> };

/** What an interface is. Throws INTERNAL_ERROR for one that is nothing, such as a record made by hand. */
export function pifKind(pif: Fields<'PIF'>): PifKind {
  const [tunnel] = pif.tunnel_access_PIF_of;
  if (tunnel) return { kind: 'tunnel', tunnel };
  if (!isNullRef(pif.VLAN_master_of)) return { kind: 'vlan', vlan: pif.VLAN_master_of };
  const [sriov] = pif.sriov_logical_PIF_of;
  if (sriov) return { kind: 'sriov', sriov };
  const [bond] = pif.bond_master_of;
  if (bond) return { kind: 'bond', bond };
  if (pif.physical) return { kind: 'physical', pif };
  throw new ApiError('INTERNAL_ERROR', `Cannot calculate PIF type of ${pif.uuid}`);
}

/** The kind of an interface, then those of what it is built on, down to a card or a bond. */
export function pifLayers(db: Database, pif: Fields<'PIF'>): PifKind[] {
  const layers: PifKind[] = [];
  for (let current: Fields<'PIF'> | undefined = pif; current; current = below(db, layers.at(-1))) layers.push(pifKind(current));
  return layers;
}

function below(db: Database, layer: PifKind | undefined): Fields<'PIF'> | undefined {
  switch (layer?.kind) {
    case 'tunnel':
      return db.get('PIF', db.get('tunnel', layer.tunnel).transport_PIF);
    case 'vlan':
      return db.get('PIF', db.get('VLAN', layer.vlan).tagged_PIF);
    case 'sriov':
      return db.get('PIF', db.get('network_sriov', layer.sriov).physical_PIF);
    default:
      return undefined;
  }
}

/** The kinds as text, such as `vlan/bond`: what rules look at. */
export function layerNames(layers: readonly PifKind[]): string {
  return layers.map(({ kind }) => kind).join('/');
}

/** Whether VIFs of a network get virtual functions of a card instead of a bridge. */
export function isSriovNetwork(db: Database, network: Fields<'network'>): boolean {
  const [first] = network.PIFs;
  const pif = first && db.find('PIF', first)?.fields;
  return pif !== undefined && /^(vlan\/)?sriov/.test(layerNames(pifLayers(db, pif)));
}

/** Name of an interface in the host's own system. */
export function hostDevice(pif: Fields<'PIF'>): string {
  if (pif.device_name !== '' && pif.device_name !== pif.device) return pif.device_name;
  return pif.VLAN >= 0 ? `${pif.device}.${pif.VLAN}` : pif.device;
}

/** Interfaces of one host in a network: one at most, where nothing was made by hand. */
export function pifsOnHost(db: Database, network: string, host: Ref<'host'>): Ref<'PIF'>[] {
  return db.get('network', network).PIFs.filter((pif) => db.find('PIF', pif)?.fields.host === host);
}
