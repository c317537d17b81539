import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BondSpec, HostNetwork } from '../network.js';

/** A network to be tested. */
export interface NetworkFixture {
  readonly network: HostNetwork;
  /** Two cards that the test may use as it likes. */
  readonly cards: readonly [string, string];
  /** What the kernel of the host has no devices for, and nothing else there either. Default: nothing. */
  readonly lacks?: ReadonlySet<'vlan' | 'bond' | 'gre' | 'vxlan'>;
  close(): Promise<void>;
}

/** What the network of every host must do. */
export function describeNetwork(name: string, makeFixture: () => Promise<NetworkFixture>): void {
  describe(`network contract: ${name}`, () => {
    let fixture: NetworkFixture;
    let network: HostNetwork;
    let first: string;
    let second: string;

    beforeEach(async () => {
      fixture = await makeFixture();
      network = fixture.network;
      [first, second] = fixture.cards;
    });
    afterEach(() => fixture.close());

    const bond = (changes: Partial<BondSpec> = {}): BondSpec => ({
      device: 'bond0',
      mode: 'active-backup',
      slaves: [first, second],
      mac: '02:00:00:00:00:01',
      properties: new Map(),
      ...changes,
    });
    const missing = { code: 'PIF_DEVICE_NOT_FOUND' };
    const refused = { code: 'PIF_CONFIGURATION_ERROR' };
    const lacks = (what: 'vlan' | 'bond' | 'gre' | 'vxlan'): boolean => fixture.lacks?.has(what) ?? false;

    it('tells its cards', async () => {
      const cards = await network.interfaces();
      expect(cards.map(({ device }) => device)).toEqual(expect.arrayContaining([first, second]));
      for (const card of cards) expect(card.mac).toMatch(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
      expect(new Set(cards.map(({ mac }) => mac)).size).toBe(cards.length);
    });

    it('refuses devices that are not there', async () => {
      await expect(network.addresses('nothing0')).rejects.toMatchObject(missing);
      await expect(network.ensureBridge('br', 'nothing0', 1500)).rejects.toMatchObject(missing);
      await expect(network.createVlan('nothing0', 5)).rejects.toMatchObject(missing);
      await expect(network.removeVlan(first, 5)).rejects.toMatchObject(missing);
      await expect(network.createBond(bond({ slaves: ['nothing0'] }))).rejects.toMatchObject(missing);
      await expect(network.removeBond('bond0')).rejects.toMatchObject(missing);
      await expect(network.removeTunnel('tunnel0')).rejects.toMatchObject(missing);
      await expect(network.bringUp('nothing0')).rejects.toMatchObject(missing);
    });

    it('makes a bridge as often as one likes, tells of it, and removes it likewise', async () => {
      const found = async () => (await network.bridges()).find(({ bridge }) => bridge === 'testbr');
      await network.ensureBridge('testbr', first, 1500);
      expect(await found()).toEqual({ bridge: 'testbr', mtu: 1500, devices: [first], name: 'testbr' });
      await network.ensureBridge('testbr', first, 1500);
      await network.ensureBridge('testbr', undefined, 9000);
      expect(await found()).toEqual({ bridge: 'testbr', mtu: 9000, devices: [], name: 'testbr' });
      await network.removeBridge('testbr');
      expect(await found()).toBeUndefined();
      await network.removeBridge('testbr');
    });

    it('leaves a card its addresses whatever bridge it is in', async () => {
      const set = await network.configureIp(second, {
        mode: 'Static',
        ip: '192.0.2.9',
        netmask: '255.255.255.0',
        gateway: '192.0.2.1',
        dns: '',
      });
      await network.ensureBridge('testbr', second, 1500);
      expect(await network.addresses(second)).toMatchObject({ ipv4: set.ipv4, gateway: '192.0.2.1' });
      await network.ensureBridge('otherbr', second, 1500);
      expect(await network.addresses(second)).toMatchObject({ ipv4: set.ipv4, gateway: '192.0.2.1' });
      expect((await network.bridges()).filter(({ devices }) => devices.includes(second)).map(({ bridge }) => bridge)).toEqual([
        'otherbr',
      ]);
      await network.removeBridge('otherbr');
      expect(await network.addresses(second)).toMatchObject({ ipv4: set.ipv4, gateway: '192.0.2.1' });
    });

    it('makes VLANs once, with tags that exist', async () => {
      if (lacks('vlan')) {
        await expect(network.createVlan(first, 42)).rejects.toMatchObject(refused);
        return;
      }
      const device = await network.createVlan(first, 42);
      await network.configureIp(device, { mode: 'Static', ip: '192.0.2.1', netmask: '255.255.255.0', gateway: '', dns: '' });
      await expect(network.createVlan(first, 42)).rejects.toMatchObject({ code: 'VLAN_IN_USE' });
      await expect(network.createVlan(first, 4095)).rejects.toMatchObject({ code: 'VLAN_TAG_INVALID' });
      await network.createVlan(second, 42);
      await network.ensureBridge('testbr', device, 1500);
      expect((await network.bridges()).find(({ bridge }) => bridge === 'testbr')?.devices).toEqual([device]);
      await network.removeBridge('testbr');
      await network.removeVlan(first, 42);
      await expect(network.addresses(device)).rejects.toMatchObject(missing);
    });

    it('makes bonds of cards that are in no other one', async () => {
      if (lacks('bond')) {
        await expect(network.createBond(bond())).rejects.toMatchObject(refused);
        return;
      }
      await network.createBond(bond());
      await expect(network.createBond(bond())).rejects.toMatchObject({ code: 'DUPLICATE_PIF_DEVICE_NAME' });
      await expect(network.createBond(bond({ device: 'bond1' }))).rejects.toMatchObject({ code: 'PIF_ALREADY_BONDED' });
      await network.createVlan('bond0', 7);
      await expect(network.removeBond('bond0')).rejects.toMatchObject({ code: 'PIF_VLAN_STILL_EXISTS' });
      await network.removeVlan('bond0', 7);
      await network.changeBond(bond({ slaves: [first] }));
      await network.removeBond('bond0');
      await network.createBond(bond({ device: 'bond1' }));
    });

    it('sets addresses and takes them away', async () => {
      const configuration = {
        mode: 'Static',
        ip: '192.0.2.9',
        netmask: '255.255.255.0',
        gateway: '192.0.2.1',
        dns: '192.0.2.2',
      } as const;
      const set = await network.configureIp(second, configuration);
      expect(set).toMatchObject({
        ipv4: [{ address: '192.0.2.9', netmask: '255.255.255.0' }],
        gateway: '192.0.2.1',
        dns: '192.0.2.2',
      });
      expect(await network.addresses(second)).toEqual(set);
      const none = await network.configureIp(second, { mode: 'None', ip: '', netmask: '', gateway: '', dns: '' });
      expect(none.ipv4).toEqual([]);
    });

    it('sets IPv6 addresses', async () => {
      const set = await network.configureIpv6(second, {
        mode: 'Static',
        addresses: ['2001:db8::9/64'],
        gateway: '2001:db8::1',
        dns: '',
      });
      expect(set.ipv6).toContain('2001:db8::9/64');
      const none = await network.configureIpv6(second, { mode: 'None', addresses: [], gateway: '', dns: '' });
      expect(none.ipv6).not.toContain('2001:db8::9/64');
    });

    it('refuses what is no address', async () => {
      const wrong = { code: 'INVALID_IP_ADDRESS_SPECIFIED' };
      await expect(
        network.configureIp(second, { mode: 'Static', ip: '300.1.1.1', netmask: '255.0.0.0', gateway: '', dns: '' }),
      ).rejects.toMatchObject(wrong);
      await expect(
        network.configureIpv6(second, { mode: 'Static', addresses: ['2001:db8::9'], gateway: '', dns: '' }),
      ).rejects.toMatchObject(wrong);
    });

    it('has no addresses on a device that is down', async () => {
      await network.configureIp(second, { mode: 'Static', ip: '192.0.2.9', netmask: '255.255.255.0', gateway: '', dns: '' });
      await network.bringDown(second);
      expect((await network.addresses(second)).ipv4).toEqual([]);
      await network.bringUp(second);
      expect((await network.addresses(second)).ipv4).toHaveLength(1);
    });

    it('makes tunnels with names of their own', async () => {
      const made: string[] = [];
      for (const protocol of ['gre', 'vxlan'] as const) {
        await network.configureIp(first, { mode: 'Static', ip: '192.0.2.1', netmask: '255.255.255.0', gateway: '', dns: '' });
        if (lacks(protocol)) await expect(network.createTunnel(first, protocol, '1')).rejects.toMatchObject(refused);
        else made.push(await network.createTunnel(first, protocol, '1'), await network.createTunnel(first, protocol, '2'));
      }
      expect(new Set(made).size).toBe(made.length);
      for (const tunnel of made) {
        await network.removeTunnel(tunnel);
        await expect(network.removeTunnel(tunnel)).rejects.toMatchObject(missing);
      }
    });
  });
}
