import { NULL_REF, type Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import type { Api } from '../api.js';
import type { Call } from '../call.js';
import { assertBondStatusMayChange, type BondPlan, type NewBond, planBond } from './bond-checks.js';
import { bringPifDown, bringPifUp } from './bring-up.js';
import { exclusively } from './exclusive.js';
import { manageOver } from './management.js';
import { detachUpper, putTunnel, putVlan } from './moves.js';
import { createPif, moveIpSettings, removePif } from './pif-records.js';
import { localVifs, moveVif } from './vif-moves.js';

type Upper = Awaited<ReturnType<typeof detachUpper>>;
type Work = Pick<Call, 'api' | 'task'>;

/**
 * Joins cards into a bond, as Bond.create: addresses, management, VLANs, tunnels and cards of VMs move onto it. While the
 * bond itself cannot be set up, nothing has changed.
 */
export function createBond({ api, task }: Work, wanted: NewBond): Promise<Ref<'Bond'>> {
  const { db } = api;
  return exclusively(api, planBond(api, wanted).host, async () => {
    // Asked again: what was waited for may have changed the answer.
    const plan = planBond(api, wanted);
    const { host, members, network } = plan;
    const managed = members.some((member) => db.get('PIF', member).management);
    const vifs = localVifs(
      api,
      host,
      members.map((member) => db.get('PIF', member).network),
    );
    const wereUp = members.filter((member) => db.get('PIF', member).currently_attached);
    const upper = await detachUpper(api, members);
    const [bond, master] = bondRecords(api, plan);
    try {
      await bringPifUp(api, master);
    } catch (thrown) {
      undoRecords(api, plan, bond, master);
      await bringBack(api, [...wereUp, ...formerlyUp(upper)]);
      throw thrown;
    }
    if (managed) manageOver(api, master);
    task.progress(0.2);
    for (const vlan of upper.vlans) await putVlan(api, master, vlan);
    task.progress(0.4);
    for (const tunnel of upper.tunnels) await putTunnel(api, master, tunnel);
    task.progress(0.6);
    for (const vif of vifs) await moveVif(api, vif, network);
    task.progress(0.8);
    followBond(api, plan, master);
    return bond;
  });
}

function bondRecords({ db }: Api, plan: BondPlan): [Ref<'Bond'>, Ref<'PIF'>] {
  return db.transaction(() => {
    const { host, network, primary, members } = plan;
    const device = freeName({ db }, host);
    const master = createPif(db, {
      host,
      network,
      device,
      device_name: device,
      MAC: plan.mac,
      MTU: -1,
      IPv6: [''],
      primary_address_type: db.get('PIF', primary).primary_address_type,
      properties: plan.linkSettings,
    });
    const bond = db.create('Bond', {
      master,
      primary_slave: primary,
      mode: plan.mode,
      properties: plan.properties,
      auto_update_mac: plan.followsMac,
      links_up: members.filter((member) => carrier({ db }, member)).length,
    });
    for (const member of members) db.set('PIF', member, { bond_slave_of: bond });
    moveIpSettings(db, primary, master);
    return [bond, master];
  });
}

function carrier({ db }: Pick<Api, 'db'>, pif: Ref<'PIF'>): boolean {
  return db.find('PIF_metrics', db.get('PIF', pif).metrics)?.fields.carrier ?? false;
}

function freeName({ db }: Pick<Api, 'db'>, host: Ref<'host'>): string {
  const taken = new Set(db.get('host', host).PIFs.map((pif) => db.get('PIF', pif).device));
  let number = 0;
  while (taken.has(`bond${number}`)) number++;
  return `bond${number}`;
}

function undoRecords({ db }: Api, { primary, members }: BondPlan, bond: Ref<'Bond'>, master: Ref<'PIF'>): void {
  db.transaction(() => {
    moveIpSettings(db, master, primary);
    for (const member of members) db.set('PIF', member, { bond_slave_of: NULL_REF });
    db.destroy('Bond', bond);
    removePif(db, master);
  });
}

function formerlyUp({ vlans, tunnels }: Upper): Ref<'PIF'>[] {
  return [...vlans, ...tunnels].flatMap(({ pif, wasUp }) => (wasUp ? [pif] : []));
}

async function bringBack(api: Api, pifs: readonly Ref<'PIF'>[]): Promise<void> {
  for (const pif of pifs) {
    try {
      await bringPifUp(api, pif);
    } catch (thrown) {
      api.log.error({ err: thrown, pif }, 'an interface stays down after a bond could not be changed');
    }
  }
}

/** What was said of a member holds for the bond from now on. */
function followBond({ db }: Api, { members, disallowUnplug }: BondPlan, master: Ref<'PIF'>): void {
  db.transaction(() => {
    if (disallowUnplug) {
      db.set('PIF', master, { disallow_unplug: true });
      for (const member of members) db.set('PIF', member, { disallow_unplug: false });
    }
    for (const [member, { PIF }] of db.all('Cluster_host'))
      if (members.includes(PIF)) db.set('Cluster_host', member, { PIF: master });
  });
}

/** Takes a bond apart, as Bond.destroy: what it had moves to the member whose addresses it took over. */
export async function destroyBond({ api, task }: Work, self: Ref<'Bond'>): Promise<void> {
  const { db } = api;
  const { host } = db.get('PIF', db.get('Bond', self).master);
  await exclusively(api, host, async () => {
    const { master, slaves: members, primary_slave } = db.get('Bond', self);
    const before = db.get('PIF', master);
    assertBondStatusMayChange(db, master);
    const [first = primary_slave] = members;
    const primary = members.includes(primary_slave) ? primary_slave : first;
    const vifs = localVifs(api, host, [before.network]);
    const upper = await detachUpper(api, [master]);
    moveIpSettings(db, master, primary);
    try {
      await bringPifDown(api, master);
      if (before.currently_attached) for (const member of members) await bringPifUp(api, member);
    } catch (thrown) {
      moveIpSettings(db, primary, master);
      await bringBack(api, [...(before.currently_attached ? [master] : []), ...formerlyUp(upper)]);
      throw thrown;
    }
    if (before.management) manageOver(api, primary);
    task.progress(0.2);
    for (const vlan of upper.vlans) await putVlan(api, primary, vlan);
    task.progress(0.4);
    for (const vif of vifs) await moveVif(api, vif, db.get('PIF', primary).network);
    task.progress(0.6);
    for (const tunnel of upper.tunnels) await putTunnel(api, primary, tunnel);
    task.progress(0.8);
    db.transaction(() => {
      if (before.disallow_unplug) db.set('PIF', primary, { disallow_unplug: true });
      for (const [member, { PIF }] of db.all('Cluster_host'))
        if (PIF === master) db.set('Cluster_host', member, { PIF: primary });
      for (const member of members) db.set('PIF', member, { bond_slave_of: NULL_REF });
      db.destroy('Bond', self);
      removePif(db, master);
    });
  });
}

/** Changes settings of a bond on its host; the record follows when the host has done it. */
export function changeBond(api: Api, self: Ref<'Bond'>, patch: (bond: Fields<'Bond'>) => Partial<Fields<'Bond'>>): Promise<void> {
  const { db } = api;
  const { master } = db.get('Bond', self);
  return exclusively(api, db.get('PIF', master).host, async () => {
    const { mode, properties } = db.get('Bond', self);
    db.set('Bond', self, patch(db.get('Bond', self)));
    if (!db.get('PIF', master).currently_attached) return;
    try {
      await bringPifUp(api, master);
    } catch (thrown) {
      db.set('Bond', self, { mode, properties });
      throw thrown;
    }
  });
}
