import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { reach } from '../reach.js';
import { bringPifUp } from './bring-up.js';
import { exclusively } from './exclusive.js';
import { assertNotBondMember } from './pif-checks.js';
import { pifsOnHost } from './pif-kind.js';

/**
 * Brings a network up on a host: the host's interface in it or, where it has none, a bridge inside the host. `again` does
 * so for an interface that is up already. A network that somebody else manages is left alone: whether its bridge is there
 * shows when a card is put into it. The caller has the host to itself.
 */
export async function bringNetworkUp(api: Api, network: Ref<'network'>, host: Ref<'host'>, again = false): Promise<void> {
  const { db } = api;
  const { managed, bridge, MTU } = db.get('network', network);
  if (!managed) return;
  const pifs = pifsOnHost(db, network, host);
  const physical = reach(api, host).network;
  if (!pifs.length) await physical.ensureBridge(bridge, undefined, MTU);
  for (const ref of pifs) {
    const pif = db.get('PIF', ref);
    // A card that the host had up before this daemon came may have no bridge yet.
    if (pif.currently_attached && pif.physical && physical.isShared) await physical.ensureBridge(bridge, pif.device, MTU);
    if (!pif.managed || (pif.currently_attached && !again)) continue;
    assertNotBondMember(db, ref);
    await bringPifUp(api, ref);
  }
}

/** Brings a network up on a host for a VIF that is about to be attached there. */
export async function attachNetwork(api: Api, network: Ref<'network'>, host: Ref<'host'>): Promise<void> {
  if (await isUp(api, network, host)) return;
  await exclusively(api, host, () => bringNetworkUp(api, network, host));
}

/**
 * Brings all networks of a VM up on a host: before its domain is made there. Rejects with HOST_OFFLINE,
 * CANNOT_PLUG_BOND_SLAVE and what the host refuses.
 */
export async function attachNetworksForVm(api: Api, vm: Ref<'VM'>, host: Ref<'host'>): Promise<void> {
  const { db } = api;
  const networks = new Set(db.get('VM', vm).VIFs.map((vif) => db.get('VIF', vif).network));
  for (const network of networks) await attachNetwork(api, network, host);
}

/** Removes the bridges of networks inside a host that only this VM used there: after its domain is gone. */
export async function detachNetworksForVm(api: Api, vm: Ref<'VM'>, host: Ref<'host'>): Promise<void> {
  const { db } = api;
  const networks = new Set(db.get('VM', vm).VIFs.map((vif) => db.get('VIF', vif).network));
  await exclusively(api, host, async () => {
    for (const network of networks) {
      const record = db.find('network', network)?.fields;
      if (!record?.managed || record.PIFs.length || isUsed(api, network, host)) continue;
      await reach(api, host).network.removeBridge(record.bridge);
    }
  });
}

/** Whether a running or starting VM of the host has a card in the network. */
function isUsed({ db }: Api, network: Ref<'network'>, host: Ref<'host'>): boolean {
  return db.get('network', network).VIFs.some((ref) => {
    const vif = db.find('VIF', ref)?.fields;
    const vm = vif && db.find('VM', vif.VM)?.fields;
    if (!vm) return false;
    if (vm.scheduled_to_be_resident_on === host) return true;
    return vm.resident_on === host && vm.power_state !== 'Halted';
  });
}

/** Whether nothing is to do: the host's interface is up. Of a bridge inside the host nobody knows but the host. */
async function isUp(api: Api, network: Ref<'network'>, host: Ref<'host'>): Promise<boolean> {
  const { db } = api;
  const record = db.get('network', network);
  if (!record.managed) return true;
  const physical = reach(api, host).network;
  if (physical.isShared) return (await physical.bridges()).some(({ bridge }) => bridge === record.bridge);
  const pifs = pifsOnHost(db, network, host);
  return pifs.length > 0 && pifs.every((pif) => db.get('PIF', pif).currently_attached);
}
