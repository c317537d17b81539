import type { Database } from '../../db/database.js';
import type { Ref } from '../../model/ref.js';
import { vlanRecords } from '../network/vlans.js';
import type { NetworkPlan } from './plan.js';
import type { HostEntry } from './storage-records.js';

/**
 * Makes the networks of a plan over the hosts' cards, for which there are PIFs already. Resolves with them in the order of
 * the plan; where the plan has none, with those of the cards.
 */
export async function createPlannedNetworks(
  db: Database,
  hosts: readonly HostEntry[],
  plans: readonly NetworkPlan[],
): Promise<Ref<'network'>[]> {
  if (plans.length === 0) return cards(db, hosts[0]).map((pif) => db.get('PIF', pif).network);
  const made: Ref<'network'>[] = [];
  for (const plan of plans) {
    if (plan.card === undefined) made.push(createNetwork(db, plan));
    else if (plan.vlan === undefined) made.push(nameNetwork(db, hosts, plan, plan.card));
    else made.push(await createVlanNetwork(db, hosts, plan, plan.card, plan.vlan));
  }
  return made;
}

/** PIFs of a host's cards, in the order of the cards. */
function cards(db: Database, host: HostEntry | undefined): Ref<'PIF'>[] {
  if (!host) return [];
  return db.get('host', host[0]).PIFs.filter((pif) => db.get('PIF', pif).physical);
}

function cardOf(db: Database, host: HostEntry | undefined, card: number): Ref<'PIF'> {
  const pif = cards(db, host)[card];
  if (!pif) throw new Error(`host ${host?.[1].facts.name} has no card ${card}`);
  return pif;
}

function createNetwork(db: Database, { name, description, mtu }: NetworkPlan): Ref<'network'> {
  const taken = new Set([...db.all('network')].map(([, { bridge }]) => bridge));
  let number = 0;
  while (taken.has(`xapi${number}`)) number++;
  return db.create('network', { name_label: name, name_description: description, MTU: mtu, bridge: `xapi${number}` });
}

/** The network that the cards of that number are in has a name of its own already. */
function nameNetwork(db: Database, hosts: readonly HostEntry[], plan: NetworkPlan, card: number): Ref<'network'> {
  const { network } = db.get('PIF', cardOf(db, hosts[0], card));
  db.transaction(() => {
    db.set('network', network, { name_label: plan.name, name_description: plan.description, MTU: plan.mtu });
    for (const host of hosts) db.set('PIF', cardOf(db, host, card), { MTU: plan.mtu });
  });
  return network;
}

async function createVlanNetwork(
  db: Database,
  hosts: readonly HostEntry[],
  plan: NetworkPlan,
  card: number,
  tag: number,
): Promise<Ref<'network'>> {
  const network = createNetwork(db, plan);
  const { bridge } = db.get('network', network);
  for (const host of hosts) {
    const tagged = cardOf(db, host, card);
    const device = await host[1].network.createVlan(db.get('PIF', tagged).device, tag);
    await host[1].network.ensureBridge(bridge, device, plan.mtu);
    db.transaction(() => {
      const [, untagged] = vlanRecords(db, tagged, tag, network);
      db.set('PIF', untagged, { device_name: device, currently_attached: true, MTU: plan.mtu });
    });
  }
  return network;
}
