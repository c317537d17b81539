import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { bringPifDown, bringPifUp } from './bring-up.js';
import { manageOver } from './management.js';
import { moveIpSettings } from './pif-records.js';
import { tunnelRecords } from './tunnels.js';
import { localVifs, moveVif, residentVifs } from './vif-moves.js';
import { vlanRecords, vlanWithTag } from './vlans.js';

/** A VLAN or tunnel that was taken off an interface, to be put onto another one. */
export interface Detached<O extends 'VLAN' | 'tunnel'> {
  readonly object: Ref<O>;
  readonly pif: Ref<'PIF'>;
  readonly wasUp: boolean;
  readonly managed: boolean;
}

/** Takes down what is built on interfaces; the records stay. Not asked: nobody loses more than what moving costs. */
export async function detachUpper(
  api: Api,
  carriers: readonly Ref<'PIF'>[],
): Promise<{ readonly vlans: Detached<'VLAN'>[]; readonly tunnels: Detached<'tunnel'>[] }> {
  const { db } = api;
  const take = async <O extends 'VLAN' | 'tunnel'>(object: Ref<O>, pif: Ref<'PIF'>): Promise<Detached<O>> => {
    const { currently_attached: wasUp, management: managed } = db.get('PIF', pif);
    await bringPifDown(api, pif);
    return { object, pif, wasUp, managed };
  };
  const vlans: Detached<'VLAN'>[] = [];
  const tunnels: Detached<'tunnel'>[] = [];
  for (const carrier of carriers) {
    const { VLAN_slave_of, tunnel_transport_PIF_of } = db.get('PIF', carrier);
    for (const vlan of VLAN_slave_of) vlans.push(await take(vlan, db.get('VLAN', vlan).untagged_PIF));
    for (const tunnel of tunnel_transport_PIF_of) tunnels.push(await take(tunnel, db.get('tunnel', tunnel).access_PIF));
  }
  return { vlans, tunnels };
}

/**
 * Makes a VLAN anew over another interface, with the addresses and the cards of VMs that it had. One of the same tag that
 * is there already takes the cards of this host's VMs over.
 */
export async function putVlan(api: Api, carrier: Ref<'PIF'>, old: Detached<'VLAN'>): Promise<void> {
  const { db } = api;
  const { tag } = db.get('VLAN', old.object);
  const { network, host } = db.get('PIF', old.pif);
  const present = vlanWithTag(db, carrier, tag);
  const [, untagged] = present
    ? ([present, db.get('VLAN', present).untagged_PIF] as const)
    : vlanRecords(db, carrier, tag, network);
  const vifs = present ? localVifs(api, host, [network]) : residentVifs(api, host, network);
  db.transaction(() => {
    moveIpSettings(db, old.pif, untagged);
    db.destroy('VLAN', old.object);
    db.destroy('PIF', old.pif);
  });
  if (old.wasUp) {
    await bringPifUp(api, untagged);
    if (old.managed) manageOver(api, untagged);
  }
  for (const vif of vifs) await moveVif(api, vif, db.get('PIF', untagged).network);
}

/** Makes a tunnel anew over another interface. */
export async function putTunnel(api: Api, carrier: Ref<'PIF'>, old: Detached<'tunnel'>): Promise<void> {
  const { db } = api;
  const { protocol } = db.get('tunnel', old.object);
  const { network, host } = db.get('PIF', old.pif);
  const [, access] = db.transaction(() => {
    db.destroy('tunnel', old.object);
    db.destroy('PIF', old.pif);
    return tunnelRecords(db, carrier, network, protocol);
  });
  if (!old.wasUp) return;
  await bringPifUp(api, access);
  for (const vif of residentVifs(api, host, network)) await moveVif(api, vif, network);
}
