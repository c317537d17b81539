import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { possibleHosts } from '../placement/choose-host.js';
import { nicSpec } from '../world/domain-spec.js';
import { bringNetworkUp } from './attach.js';

/** Whether a card is in a living domain now. That of a suspended VM only counts as attached. */
export function isVifActive({ db }: Api, vif: Ref<'VIF'>): boolean {
  const { currently_attached, VM } = db.get('VIF', vif);
  return currently_attached && db.get('VM', VM).power_state !== 'Suspended';
}

/** Gives the card of a living domain the settings that its record has now; nothing to do for another one. */
export async function refreshNic(api: Api, vif: Ref<'VIF'>): Promise<void> {
  if (!isVifActive(api, vif)) return;
  const { db, hosts } = api;
  const fields = db.get('VIF', vif);
  const { uuid, resident_on } = db.get('VM', fields.VM);
  await hosts.get(resident_on).compute.changeNic(uuid, nicSpec(db, fields));
}

/**
 * Joins a card to another network, or again to the one where it is, whose bridge may have changed. Where the host refuses
 * it stays where it was. The caller has the host to itself.
 */
export async function moveVif(api: Api, vif: Ref<'VIF'>, network: Ref<'network'>): Promise<void> {
  const { db } = api;
  const before = db.get('VIF', vif);
  db.set('VIF', vif, { network });
  if (!isVifActive(api, vif)) return;
  try {
    await bringNetworkUp(api, network, db.get('VM', before.VM).resident_on);
    await refreshNic(api, vif);
  } catch (thrown) {
    if (db.exists('VIF', vif)) db.set('VIF', vif, { network: before.network });
    throw thrown;
  }
}

/**
 * Cards in these networks that follow a host's interface when it moves: those of VMs that run there and those of VMs that
 * could run nowhere else.
 */
export function localVifs(api: Api, host: Ref<'host'>, networks: readonly Ref<'network'>[]): Ref<'VIF'>[] {
  const { db } = api;
  const vifs = [...new Set(networks)].flatMap((network) => db.get('network', network).VIFs);
  const local = new Map<string, boolean>();
  return vifs.filter((vif) => {
    const vm = db.find('VIF', vif)?.fields.VM;
    if (vm === undefined || !db.exists('VM', vm)) return false;
    const known = local.get(vm) ?? isLocal(api, vm, host);
    local.set(vm, known);
    return known;
  });
}

/** Cards in a network of VMs that run on a host. */
export function residentVifs({ db }: Api, host: Ref<'host'>, network: Ref<'network'>): Ref<'VIF'>[] {
  return db.get('network', network).VIFs.filter((vif) => {
    const vm = db.find('VIF', vif)?.fields.VM;
    return vm !== undefined && db.find('VM', vm)?.fields.resident_on === host;
  });
}

function isLocal(api: Api, vm: Ref<'VM'>, host: Ref<'host'>): boolean {
  const { resident_on } = api.db.get('VM', vm);
  if (api.db.exists('host', resident_on)) return resident_on === host;
  return possibleHosts(api, vm).every((possible) => possible === host);
}
