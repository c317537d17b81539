import { describe, expect, it } from 'vitest';
import { kernelBond, switchedBond } from './bond-options.js';
import { cardsOf } from './cards.js';
import { isDeviceName } from './device-name.js';
import { readLinks, readRoutes } from './ip-json.js';
import { lossOf } from './management.js';
import { changedDevice, deletedDevice } from './monitor.js';
import { NetworkState } from './network-state.js';
import { readSwitches } from './open-vswitch-state.js';

function device(ifname: string, more: object = {}): object {
  return { ifname, flags: ['UP', 'LOWER_UP'], link_type: 'ether', mtu: 1500, address: '02:00:00:00:00:01', ...more };
}

const address = { family: 'inet', local: '192.0.2.2', prefixlen: 24, scope: 'global', valid_life_time: 4294967295 };

function state(links: readonly object[], routes: readonly object[] = []): NetworkState {
  const read = readLinks(links);
  return new NetworkState(read.links, read.addresses, readRoutes(routes), []);
}

describe('what `ip` tells', () => {
  it('is read with what later versions add, and without devices of odd names', () => {
    const { links, addresses } = readLinks([
      device('eth0.5', { link: 'eth0', linkinfo: { info_kind: 'vlan', info_data: { id: 5, protocol: '802.1Q' } }, news: 1 }),
      device('odd" name'),
      device('eth0', {
        addr_info: [address, { family: 'inet6', local: 'fe80::1', prefixlen: 64, scope: 'link', valid_life_time: 9 }],
      }),
      {},
    ]);
    expect(links.map(({ name, kind, lower, tag }) => [name, kind, lower, tag])).toEqual([
      ['eth0.5', 'vlan', 'eth0', 5],
      ['eth0', '', undefined, undefined],
    ]);
    expect(addresses.get('eth0')?.map(({ family, local, dynamic, valid }) => [family, local, dynamic, valid])).toEqual([
      [4, '192.0.2.2', false, undefined],
      [6, 'fe80::1', true, 9],
    ]);
  });

  it('has routes of both families, but for those that the kernel has for itself', () => {
    const routes = readRoutes([
      { dst: 'default', gateway: '192.0.2.1', dev: 'eth0', table: 'main', protocol: 'dhcp', metric: 100, flags: ['onlink'] },
      { dst: 'default', gateway: 'fe80::1', dev: 'eth0', table: 'main', protocol: 'ra', pref: 'medium' },
      { dst: '198.51.100.0/24', via: { family: 'inet6', host: 'fe80::1' }, dev: 'eth0' },
      { type: 'local', dst: '192.0.2.2', dev: 'eth0', table: 'local' },
      { dst: 'default', nexthops: [] },
    ]);
    expect(routes.map(({ family, destination, gateway, onlink }) => [family, destination, gateway, onlink])).toEqual([
      [4, 'default', '192.0.2.1', true],
      [6, 'default', 'fe80::1', false],
      [6, '198.51.100.0/24', 'fe80::1', false],
    ]);
  });

  it.each([
    ['3: br7: <NO-CARRIER,UP> mtu 1500', 'br7', undefined],
    ['Deleted 4: tap9: <BROADCAST> mtu 1500', 'tap9', 'tap9'],
    ['Deleted 7: eth0@if9: <BROADCAST> mtu 1500', 'eth0', 'eth0'],
    ['Deleted 3: br7    inet 10.1.1.1/24 scope global br7', 'br7', undefined],
    ['local 10.1.1.1 dev br7 table local', undefined, undefined],
  ])('is heard: %s', (line, changed, deleted) => {
    expect(changedDevice(line)).toBe(changed);
    expect(deletedDevice(line)).toBe(deleted);
  });
});

describe('names of devices', () => {
  it('are what `ip -batch` reads as one word', () => {
    for (const name of ['eth0', 'enp129s0f0np0', 'bond0.4094', 'wlan_0', 'a@b']) expect(isDeviceName(name)).toBe(true);
    for (const name of ['', '.', '..', '-br', 'a b', 'a/b', '"a"', '#a', 'a\nb', 'sixteenletters16', 'ä'])
      expect(isDeviceName(name)).toBe(false);
  });
});

describe('cards', () => {
  const veth = (name: string, more: object = {}) => device(name, { linkinfo: { info_kind: 'veth' }, link_netnsid: 0, ...more });

  it('are hardware, and ends of pairs that lead elsewhere where there is none', () => {
    const hardware = [
      device('lo', { link_type: 'loopback' }),
      device('eth0'),
      device('br0', { linkinfo: { info_kind: 'bridge' } }),
    ];
    expect(cardsOf(state([...hardware, veth('veth1')]), undefined).map(({ name }) => name)).toEqual(['eth0']);
    const contained = [
      veth('eth0'),
      veth('inner', { link_netnsid: undefined }),
      device('tap0', { linkinfo: { info_kind: 'tun' } }),
    ];
    expect(cardsOf(state(contained), undefined).map(({ name }) => name)).toEqual(['eth0']);
    expect(cardsOf(state(contained), ['tap0']).map(({ name }) => name)).toEqual(['tap0']);
  });
});

describe('bonds', () => {
  const bond = { device: 'bond0', slaves: ['eth0'], mac: '', properties: new Map<string, string>() } as const;

  it('are what the kernel has for each mode', () => {
    expect(kernelBond({ ...bond, mode: 'active-backup' })).toBe('mode active-backup miimon 100');
    expect(kernelBond({ ...bond, mode: 'balance-slb' })).toContain('mode balance-xor miimon 100 xmit_hash_policy vlan+srcmac');
    const lacp = {
      ...bond,
      mode: 'lacp',
      properties: new Map([
        ['lacp-time', 'fast'],
        ['lacp-aggregation-key', '0x10'],
      ]),
    } as const;
    expect(kernelBond(lacp)).toBe('mode 802.3ad miimon 100 xmit_hash_policy layer3+4 lacp_rate fast ad_user_port_key 16');
    expect(switchedBond(lacp)).toContain('other_config:lacp-time=fast');
    const odd = { ...lacp, properties: new Map([['lacp-aggregation-key', '5000']]) };
    expect(() => kernelBond(odd)).toThrow(expect.objectContaining({ code: 'PIF_CONFIGURATION_ERROR' }));
  });
});

describe('switches of Open vSwitch', () => {
  it('are read from what ovs-vsctl prints, where a set of one is written as its element', () => {
    const set = (...ids: string[]) => ['set', ids.map((id) => ['uuid', id])];
    const tables = [
      {
        headings: ['name', 'ports', 'external_ids', 'datapath_type'],
        data: [
          ['br0', set('p1', 'p2'), ['map', [['xenapi', 'eth0']]], 'netdev'],
          ['br1', ['uuid', 'p3'], ['map', []], ''],
        ],
      },
      {
        headings: ['_uuid', 'name', 'interfaces', 'tag', 'fake_bridge'],
        data: [
          [['uuid', 'p1'], 'bond', set('i1', 'i2'), ['set', []], false],
          [['uuid', 'p2'], 'eth0.5', ['uuid', 'i3'], 5, true],
          [['uuid', 'p3'], 'br1', ['uuid', 'i4'], ['set', []], false],
        ],
      },
      {
        headings: ['_uuid', 'name', 'type', 'ofport'],
        data: [
          [['uuid', 'i1'], 'eth0', '', 1],
          [['uuid', 'i2'], 'eth1', '', -1],
          [['uuid', 'i3'], 'eth0.5', 'internal', 3],
          [['uuid', 'i4'], 'br1', 'internal', ['set', []]],
        ],
      },
    ];
    expect(readSwitches(tables.map((table) => JSON.stringify(table)).join('\n'))).toEqual([
      {
        name: 'br0',
        madeFor: 'eth0',
        datapath: 'netdev',
        ports: [
          { name: 'bond', tag: undefined, interfaces: ['eth0', 'eth1'], failed: ['eth1'], internal: false, fakeBridge: false },
          { name: 'eth0.5', tag: 5, interfaces: ['eth0.5'], failed: [], internal: true, fakeBridge: true },
        ],
      },
      {
        name: 'br1',
        madeFor: undefined,
        datapath: '',
        ports: [{ name: 'br1', tag: undefined, interfaces: ['br1'], failed: ['br1'], internal: true, fakeBridge: false }],
      },
    ]);
  });
});

describe('the way to the host', () => {
  const route = { dst: 'default', gateway: '192.0.2.1', dev: 'eth0', table: 'main' };
  const before = state([device('eth0', { addr_info: [address] }), device('eth1')], [route]);

  it.each<[string, NetworkState, string | undefined]>([
    ['stays', before, undefined],
    [
      'goes over a bridge',
      state(
        [device('eth0', { master: 'br0' }), device('br0', { linkinfo: { info_kind: 'bridge' }, addr_info: [address] })],
        [{ ...route, dev: 'br0' }],
      ),
      undefined,
    ],
    ['has no address', state([device('eth0')], [route]), 'no IPv4 address'],
    ['has another address', state([device('eth0', { addr_info: [{ ...address, local: '192.0.2.3' }] })], [route]), '192.0.2.2'],
    ['has no default route', state([device('eth0', { addr_info: [address] })]), 'no default route'],
    ['is down', state([device('eth0', { flags: [], addr_info: [address] })], [route]), 'down'],
    ['has no link', state([device('eth0', { flags: ['UP'], addr_info: [address] })], [route]), 'no link'],
  ])('%s', (_what, after, loss) => {
    const found = lossOf(before, after, 'eth0', undefined, []);
    if (loss === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(loss);
  });

  it('may get another address when that is meant, but not where the host serves', () => {
    const after = state([device('eth0', { addr_info: [{ ...address, local: '192.0.2.3' }] })], [route]);
    const meant = { device: 'eth0', family: 4 } as const;
    expect(lossOf(before, after, 'eth0', meant, [])).toBeUndefined();
    expect(lossOf(before, after, 'eth0', meant, ['192.0.2.2'])).toContain('192.0.2.2');
    expect(lossOf(before, after, 'eth0', { ...meant, device: 'eth1' }, [])).toContain('192.0.2.2');
  });
});
