import { describe, expect, it } from 'vitest';
import { describeNetwork } from '../../contract/network.contract.js';
import { openWorld, temporaryDirectory } from '../test-world.js';

describeNetwork('emulated', async () => {
  const directory = await temporaryDirectory();
  const world = await openWorld(directory.path, { nics: 3 });
  const [host] = world.hosts;
  if (host === undefined) throw new Error('a world has a host');
  return {
    network: host.network,
    cards: ['eth1', 'eth2'],
    async close() {
      await world.close();
      await directory.remove();
    },
  };
});

describe('emulated network', () => {
  it('gives addresses by DHCP, tells of a pulled cable, and is the same in the next process', async () => {
    const directory = await temporaryDirectory();
    const world = await openWorld(directory.path, { hosts: 2 });
    const [first, second] = world.hosts;
    expect((await first?.network.addresses('eth0'))?.ipv4).toEqual([{ address: first?.facts.address, netmask: '255.255.0.0' }]);
    expect(first?.facts.address).not.toBe(second?.facts.address);
    let changes = 0;
    first?.network.onChange(() => changes++);
    first?.network.setCarrier('eth1', false);
    expect(changes).toBe(1);
    expect((await first?.network.interfaces())?.map(({ carrier }) => carrier)).toEqual([true, false]);
    await first?.network.ensureBridge('mine', undefined, 9000);
    await first?.network.createVlan('eth1', 9);
    await world.close();
    const again = await openWorld(directory.path, { hosts: 2 });
    expect(again.hosts[0]?.network.hasBridge('mine')).toBe(true);
    await expect(again.hosts[0]?.network.createVlan('eth1', 9)).rejects.toMatchObject({ code: 'VLAN_IN_USE' });
    expect(again.hosts[1]?.network.hasBridge('mine')).toBe(false);
    await again.close();
    await directory.remove();
  });
});
