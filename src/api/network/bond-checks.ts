import type { Database } from '../../db/database.js';
import { sameValue } from '../../db/equality.js';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { EnumValue, Fields } from '../../model/types.js';
import type { Api } from '../api.js';
import { poolOf } from '../storage/pool-state.js';
import { assertMac } from './address-checks.js';
import { assertBondProperty, withInitialProperties } from './bond-properties.js';
import { assertManaged, assertNetworkManaged, assertNotConnected } from './pif-checks.js';
import { isSriovNetwork, layerNames, pifLayers } from './pif-kind.js';

/** What Bond.create is asked for. */
export interface NewBond {
  readonly network: Ref<'network'>;
  readonly members: readonly Ref<'PIF'>[];
  /** Empty for the address of the first member. */
  readonly mac: string;
  readonly mode: EnumValue<'bond_mode'>;
  readonly properties: ReadonlyMap<string, string>;
}

/** A bond that can be made, with everything decided. */
export interface BondPlan extends NewBond {
  readonly host: Ref<'host'>;
  /** Whose addresses the bond takes over. */
  readonly primary: Ref<'PIF'>;
  readonly followsMac: boolean;
  readonly linkSettings: ReadonlyMap<string, string>;
  readonly disallowUnplug: boolean;
}

/** Checks all that can be known before anything is done, in the original's order. */
export function planBond({ db }: Api, wanted: NewBond): BondPlan {
  const [first] = wanted.members;
  if (!first) throw new ApiError('PIF_BOND_NEEDS_MORE_MEMBERS');
  const { host } = db.get('PIF', first);
  assertNetworkManaged(db, wanted.network);
  assertNotConnected(db, wanted.network, host);
  if (isSriovNetwork(db, db.get('network', wanted.network))) throw new ApiError('NETWORK_INCOMPATIBLE_WITH_BOND', wanted.network);
  if (wanted.mac !== '') assertMac(wanted.mac);
  for (const [name, value] of wanted.properties) assertBondProperty(wanted.mode, name, value);
  const members = [...new Set(wanted.members)];
  const fields = members.map((member) => db.get('PIF', member));
  const addressed = members.filter((_, i) => hasAddress(fields[i]));
  const primary = members.find((_, i) => fields[i]?.management) ?? addressed[0] ?? first;
  const { primary_address_type: family, MAC } = db.get('PIF', primary);
  for (const member of members)
    if (db.get('PIF', member).primary_address_type !== family)
      throw new ApiError('PIF_INCOMPATIBLE_PRIMARY_ADDRESS_TYPE', member);
  for (const member of members) assertCanJoin(db, member);
  if (fields.some((pif) => pif.host !== host)) throw new ApiError('PIF_CANNOT_BOND_CROSS_HOST');
  const linkSettings = fields[0]?.properties ?? new Map();
  if (fields.some((pif) => !sameValue(pif.properties, linkSettings))) throw new ApiError('INCOMPATIBLE_PIF_PROPERTIES');
  if (addressed.length > 1) throw new ApiError('PIF_BOND_MORE_THAN_ONE_IP');
  return {
    ...wanted,
    members,
    host,
    primary,
    mac: wanted.mac === '' ? MAC : wanted.mac,
    properties: withInitialProperties(wanted.mode, wanted.properties),
    followsMac: wanted.mac === '',
    linkSettings,
    disallowUnplug: fields.some((pif) => pif.disallow_unplug),
  };
}

function hasAddress(pif: Fields<'PIF'> | undefined): boolean {
  if (!pif) return false;
  const mode = pif.primary_address_type === 'IPv4' ? pif.ip_configuration_mode : pif.ipv6_configuration_mode;
  return mode !== 'None';
}

function assertCanJoin(db: Database, member: Ref<'PIF'>): void {
  assertManaged(db, member);
  const pif = db.get('PIF', member);
  const layers = layerNames(pifLayers(db, pif));
  if (layers === 'bond' || db.exists('Bond', pif.bond_slave_of)) throw new ApiError('PIF_ALREADY_BONDED', member);
  if (layers.startsWith('vlan')) throw new ApiError('PIF_VLAN_EXISTS', pif.device);
  if (layers.startsWith('tunnel')) throw new ApiError('IS_TUNNEL_ACCESS_PIF', member);
  if (layers.startsWith('sriov')) throw new ApiError('PIF_IS_SRIOV_LOGICAL', member);
  assertBondStatusMayChange(db, member);
}

/** Throws HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE: hosts would take each other for dead. */
export function assertBondStatusMayChange(db: Database, pif: Ref<'PIF'>): void {
  if (poolOf(db)?.ha_enabled && db.get('PIF', pif).management) throw new ApiError('HA_CANNOT_CHANGE_BOND_STATUS_OF_MGMT_IFACE');
}
