import { execute } from '../execute.js';
import type { Lab } from './lab.js';

/** The bridge that holds the host's management address and that guests are plugged into. */
export const BRIDGE = 'xenbr0';

/** Spare network cards, each with its carrier in a network of the lab, and without configuration. */
export const SPARE_CARDS = ['eth1', 'eth2'] as const;

/**
 * Gives a network namespace three cards. `eth0` is a port of the bridge, behind it is the network that all hosts share with this
 * machine; the spare ones of all hosts meet in two more networks.
 */
export async function makeNetwork(namespace: string, lab: Lab, number: number): Promise<void> {
  const networks = { eth0: lab.name, eth1: `${lab.name}a`, eth2: `${lab.name}b` };
  const outside = Object.entries(networks).flatMap(([card, bridge], i) => {
    const peer = `${lab.name}h${number}e${i}`;
    return [
      `link add ${peer} type veth peer name ${card} netns ${namespace}`,
      `link set ${peer} master ${bridge}`,
      `link set ${peer} up`,
    ];
  });
  await execute('ip', ['-batch', '-'], { input: `${outside.join('\n')}\n` });
  const inside = [
    'link set lo up',
    `link add ${BRIDGE} type bridge`,
    `link set eth0 master ${BRIDGE}`,
    'link set eth0 up',
    ...SPARE_CARDS.map((card) => `link set ${card} up`),
    `link set ${BRIDGE} up`,
    `address add ${lab.addressOf(number)}/24 dev ${BRIDGE}`,
    `route add default via ${lab.gateway}`,
  ];
  await execute('ip', ['-netns', namespace, '-batch', '-'], { input: `${inside.join('\n')}\n` });
}
