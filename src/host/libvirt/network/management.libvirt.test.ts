import { afterEach, describe, expect, it } from 'vitest';
import type { BondSpec, IpConfiguration } from '../../network.js';
import type { Commands } from './commands.js';
import { gatewayAnswers } from './gateway.js';
import type { LinuxNetworkOptions } from './linux-network.js';
import { ADDRESS, GATEWAY, startNetwork, type TestNetwork } from './test-network.js';

const refused = { code: 'PIF_CONFIGURATION_ERROR' };
const fixed = (ip: string, gateway = GATEWAY): IpConfiguration => ({
  mode: 'Static',
  ip,
  netmask: '255.255.255.0',
  gateway,
  dns: '',
});
const SHUT = `add table netdev shut
add chain netdev shut everything { type filter hook ingress device "eth0" priority 0; policy drop; }
`;
const bond: BondSpec = {
  device: 'bond0',
  mode: 'active-backup',
  slaves: ['eth0', 'eth1'],
  mac: '',
  properties: new Map(),
};

describe('the management interface', () => {
  let test: TestNetwork;

  afterEach(() => test.close());

  async function start(openVswitch = false, options: LinuxNetworkOptions = {}): Promise<TestNetwork> {
    test = await startNetwork(openVswitch, options);
    return test;
  }

  async function answers(device: string): Promise<boolean> {
    return gatewayAnswers(test.commands, GATEWAY, device);
  }

  /** Commands of which one in the middle of a change fails, or does more than it should. */
  function sabotaged(pattern: RegExp, more: string): { commands: Commands; arm(commands: Commands): void } {
    let inner: Commands | undefined;
    const own = (): Commands => {
      if (!inner) throw new Error('not armed yet');
      return inner;
    };
    return {
      arm: (commands) => {
        inner = commands;
      },
      commands: {
        run: (program, args, input = '') => own().run(program, args, pattern.test(input) ? `${input}${more}\n` : input),
        follow: (...args) => own().follow(...args),
      },
    };
  }

  it('goes into a bridge and out of it with its card', async () => {
    const { network, commands } = await start();
    const before = await test.picture();
    await network.ensureBridge('xenbr0', 'eth0', 1500);
    expect(await commands.run('ip', ['-brief', 'address', 'show', 'xenbr0'])).toContain(`${ADDRESS}/24`);
    expect(await commands.run('ip', ['-brief', 'address', 'show', 'eth0'])).not.toContain(ADDRESS);
    expect(await network.addresses('eth0')).toMatchObject({ ipv4: [{ address: ADDRESS }], gateway: GATEWAY });
    expect(await answers('xenbr0')).toBe(true);
    await network.removeBridge('xenbr0');
    expect(await test.picture()).toEqual(before);
    expect(await answers('eth0')).toBe(true);
  });

  it('keeps its address when another one, or none, is wanted that does not work', async () => {
    const { network } = await start();
    const before = await test.picture();
    for (const wanted of [
      { mode: 'None', ip: '', netmask: '', gateway: '', dns: '' } as const,
      fixed('10.78.0.2', '10.79.0.1'),
      fixed('10.78.0.2', '10.78.0.1'),
      fixed('10.77.0.3', ''),
    ]) {
      await expect(network.configureIp('eth0', wanted)).rejects.toMatchObject(refused);
      expect(await test.picture()).toEqual(before);
    }
    expect(await answers('eth0')).toBe(true);
    await expect(network.bringDown('eth0')).rejects.toMatchObject(refused);
    expect(await test.picture()).toEqual(before);
    expect(await answers('eth0')).toBe(true);
  });

  it('gets another address that works, unless the host serves at the one it has', async () => {
    const listening: string[] = [];
    const { network } = await start(false, { listening: () => listening });
    await network.ensureBridge('xenbr0', 'eth0', 1500);
    const set = await network.configureIp('eth0', fixed('10.77.0.3'));
    expect(set).toMatchObject({ ipv4: [{ address: '10.77.0.3', netmask: '255.255.255.0' }], gateway: GATEWAY });
    listening.push('10.77.0.3');
    await expect(network.configureIp('eth0', fixed('10.77.0.4'))).rejects.toMatchObject({
      params: ['eth0', expect.stringContaining('10.77.0.3')],
    });
    expect((await network.addresses('eth0')).ipv4).toEqual(set.ipv4);
    expect(await answers('xenbr0')).toBe(true);
  });

  it('is as before when a change breaks off in the middle', async () => {
    const trap = sabotaged(/master xenbr0/, 'link set dev nothing0 up');
    await start();
    trap.arm(test.commands);
    const network = await test.reopen({ commands: trap.commands });
    const before = await test.picture();
    await expect(network.ensureBridge('xenbr0', 'eth0', 1500)).rejects.toMatchObject({
      ...refused,
      params: ['eth0', expect.stringContaining('nothing0')],
    });
    expect(await test.picture()).toEqual(before);
    expect(await answers('eth0')).toBe(true);
  });

  it('is as before when the host cannot be reached after a change', async () => {
    const lost = [
      ['route delete default', 'default route'],
      [`address delete ${ADDRESS}/24 dev xenbr0`, 'default route'],
      ['link set dev eth0 down', 'no link'],
    ] as const;
    await start();
    const before = await test.picture();
    for (const [line, reason] of lost) {
      const trap = sabotaged(/^link add name xenbr0/, line);
      trap.arm(test.commands);
      const network = await test.reopen({ commands: trap.commands });
      await expect(network.ensureBridge('xenbr0', 'eth0', 1500)).rejects.toMatchObject({
        params: ['eth0', expect.stringContaining(reason)],
      });
      expect(await test.picture()).toEqual(before);
      expect(await answers('eth0')).toBe(true);
    }
  });

  it('is as before when its gateway does not answer any more', async () => {
    await start();
    const before = await test.picture();
    const commands: Commands = {
      follow: (...args) => test.commands.follow(...args),
      run: async (program, args, input = '') => {
        const text = await test.commands.run(program, args, input).finally(async () => {
          if (args.includes('-force') && input.includes('link delete dev xenbr0'))
            await test.outside.run('nft', ['delete', 'table', 'netdev', 'shut']);
        });
        // The network outside takes the bridge for an intruder until it is gone.
        if (input.startsWith('link add name xenbr0')) await test.outside.run('nft', ['-f', '-'], SHUT);
        return text;
      },
    };
    const network = await test.reopen({ commands });
    await expect(network.ensureBridge('xenbr0', 'eth0', 1500)).rejects.toMatchObject({
      params: ['eth0', expect.stringContaining('does not answer')],
    });
    expect(await test.picture()).toEqual(before);
    expect(await answers('eth0')).toBe(true);
  });

  it('goes into a bond and out of it, and under a VLAN’s switch and out of it', async () => {
    const { network } = await start(true);
    await network.ensureBridge('xenbr0', 'eth0', 1500);
    // As the API does it: the bond, then the bridge of its first member goes, then its own comes.
    await network.createBond(bond);
    expect(await network.addresses('bond0')).toMatchObject({ ipv4: [{ address: ADDRESS }], gateway: GATEWAY });
    await network.removeBridge('xenbr0');
    await network.ensureBridge('xapi1', 'bond0', 1500);
    expect(await answers('xapi1')).toBe(true);
    await network.createVlan('bond0', 42);
    expect(await answers('xapi1')).toBe(true);
    await network.removeVlan('bond0', 42);
    await network.changeBond({ ...bond, mode: 'balance-slb' });
    expect(await answers('xapi1')).toBe(true);
    await network.removeBridge('xapi1');
    await network.removeBond('bond0');
    expect(await network.addresses('eth0')).toMatchObject({ ipv4: [{ address: ADDRESS }], gateway: GATEWAY });
    expect(await answers('eth0')).toBe(true);
    const before = await test.picture();
    const vlan = await network.createVlan('eth0', 42);
    expect(await network.addresses('eth0')).toMatchObject({ ipv4: [{ address: ADDRESS }], gateway: GATEWAY });
    await network.ensureBridge('xenbr0', 'eth0', 1500);
    expect(await answers('xenbr0')).toBe(true);
    expect((await network.bridges()).map(({ bridge, devices }) => [bridge, devices])).toEqual([['xenbr0', ['eth0']]]);
    expect(vlan).toBe('eth0.42');
    await network.removeVlan('eth0', 42);
    expect(await answers('xenbr0')).toBe(true);
    await network.removeBridge('xenbr0');
    expect(await test.picture()).toEqual(before);
  });
});
