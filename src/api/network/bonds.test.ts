import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../model/error.js';
import { NULL_REF, type Ref } from '../../model/ref.js';
import { type NetworkPool, networkPool } from '../testing/network-pool.js';

let pool: NetworkPool;
beforeEach(async () => {
  pool = await networkPool();
});
afterEach(() => pool.close());

function refusal(...description: string[]) {
  return expect.objectContaining({ description });
}

async function bond(members: readonly Ref<'PIF'>[], mode = 'balance-slb', properties = new Map<string, string>()) {
  const network = await pool.createNetwork();
  const self = await pool.call<Ref<'Bond'>>('Bond.create', network, members, '', mode, properties);
  const fields = pool.api.db.get('Bond', self);
  return { self, network, master: fields.master, fields };
}

describe('Bond.create', () => {
  it('takes over addresses and management of the member that has them', async () => {
    const { api, host, card, pif } = pool;
    const before = pif(card(0));
    const { self, master, fields } = await bond([card(1), card(0)]);
    expect(fields).toMatchObject({ primary_slave: card(0), mode: 'balance-slb', links_up: 2, auto_update_mac: true });
    expect(pif(master)).toMatchObject({
      device: 'bond0',
      MAC: before.MAC,
      management: true,
      currently_attached: true,
      ip_configuration_mode: 'DHCP',
      IP: before.IP,
      netmask: before.netmask,
    });
    for (const member of [card(0), card(1)])
      expect(pif(member)).toMatchObject({
        bond_slave_of: self,
        management: false,
        currently_attached: false,
        ip_configuration_mode: 'None',
        IP: '',
      });
    expect(api.db.get('host', host).address).toBe(before.IP);
  });

  it('refuses what cannot be joined', async () => {
    const { call, card } = pool;
    const network = await pool.createNetwork();
    const create = (members: readonly string[], mode = 'balance-slb', properties = new Map<string, string>()) =>
      call('Bond.create', network, members, '', mode, properties);
    await expect(create([])).rejects.toEqual(refusal('PIF_BOND_NEEDS_MORE_MEMBERS'));
    await expect(call('Bond.create', network, [card(1)], 'zz', 'lacp', new Map())).rejects.toEqual(refusal('MAC_INVALID', 'zz'));
    await expect(create([card(1)], 'lacp', new Map([['lacp-time', 'never']]))).rejects.toEqual(
      refusal('INVALID_VALUE', 'properties', 'lacp-time = never'),
    );
    await expect(create([card(1)], 'balance-slb', new Map([['lacp-time', 'fast']]))).rejects.toEqual(
      refusal('INVALID_VALUE', 'properties', 'lacp-time = fast'),
    );
    await call('PIF.reconfigure_ip', card(1), 'Static', '192.0.2.7', '255.255.255.0', '', '');
    await expect(create([card(0), card(1)])).rejects.toEqual(refusal('PIF_BOND_MORE_THAN_ONE_IP'));
    await call('PIF.reconfigure_ip', card(1), 'None', '', '', '', '');
    const { self, master } = await bond([card(1), card(2)]);
    await expect(create([card(1)])).rejects.toEqual(refusal('PIF_ALREADY_BONDED', card(1)));
    await expect(create([master])).rejects.toEqual(refusal('PIF_ALREADY_BONDED', master));
    await expect(call('PIF.plug', card(1))).rejects.toEqual(refusal('CANNOT_PLUG_BOND_SLAVE', card(1)));
    await expect(call('VLAN.create', card(1), 5, network)).rejects.toEqual(refusal('CANNOT_ADD_VLAN_TO_BOND_SLAVE', card(1)));
    expect(pool.api.db.get('Bond', self).slaves).toEqual([card(1), card(2)]);
  });

  it('changes nothing when the host refuses', async () => {
    const { api, call, card, pif } = pool;
    await call('VLAN.create', card(1), 5, await pool.createNetwork());
    const before = [card(0), card(1)].map(pif);
    vi.spyOn(pool.physical.network, 'createBond').mockRejectedValueOnce(new ApiError('INTERNAL_ERROR', 'no bonds today'));
    await expect(bond([card(0), card(1)])).rejects.toMatchObject({ code: 'INTERNAL_ERROR' });
    expect([...api.db.all('Bond')]).toEqual([]);
    expect(api.db.filter('PIF', ({ device }) => device === 'bond0')).toEqual([]);
    const { IP, MTU, network } = before[0] ?? pif(card(0));
    expect(pif(card(0))).toMatchObject({ IP, MTU, network, management: true, currently_attached: true, bond_slave_of: NULL_REF });
    expect(pif(card(1))).toMatchObject({
      currently_attached: true,
      bond_slave_of: NULL_REF,
      VLAN_slave_of: before[1]?.VLAN_slave_of,
    });
    const [vlan] = api.db.filter('PIF', ({ VLAN }) => VLAN === 5);
    expect(vlan?.[1].currently_attached).toBe(true);
  });

  it('moves VLANs with their addresses, and cards of running VMs', async () => {
    const { api, call, card, pif } = pool;
    const vlanNetwork = await pool.createNetwork();
    const vlan = await call<Ref<'VLAN'>>('VLAN.create', card(1), 5, vlanNetwork);
    await call('PIF.reconfigure_ip', api.db.get('VLAN', vlan).untagged_PIF, 'Static', '192.0.2.9', '255.255.255.0', '', '');
    const { vif } = await pool.createRunningVm(pif(card(1)).network);
    const { network, master } = await bond([card(1), card(2)]);
    expect(api.db.exists('VLAN', vlan)).toBe(false);
    const [moved] = pif(master).VLAN_slave_of;
    const untagged = api.db.get('VLAN', moved as Ref<'VLAN'>).untagged_PIF;
    expect(pif(untagged)).toMatchObject({
      device: 'bond0',
      VLAN: 5,
      network: vlanNetwork,
      IP: '192.0.2.9',
      ip_configuration_mode: 'Static',
      currently_attached: true,
    });
    expect(pif(card(1)).VLAN_slave_of).toEqual([]);
    expect(api.db.get('VIF', vif)).toMatchObject({ network, currently_attached: true });
  });

  it('keeps the host managed over a VLAN that moves', async () => {
    const { api, call, card, pif } = pool;
    const vlan = await call<Ref<'VLAN'>>('VLAN.create', card(1), 5, await pool.createNetwork());
    const untagged = api.db.get('VLAN', vlan).untagged_PIF;
    await call('PIF.reconfigure_ip', untagged, 'Static', '192.0.2.9', '255.255.255.0', '', '');
    await call('host.management_reconfigure', untagged);
    await bond([card(1), card(2)]);
    const managed = api.db.filter('PIF', ({ management }) => management);
    expect(managed).toHaveLength(1);
    expect(managed[0]?.[1]).toMatchObject({ VLAN: 5, device: 'bond0', IP: '192.0.2.9', currently_attached: true });
    expect(pif(card(0)).management).toBe(false);
  });
});

describe('Bond.destroy', () => {
  it('gives everything back to the first member', async () => {
    const { api, call, card, pif } = pool;
    const own = pif(card(0)).network;
    const before = pif(card(0)).IP;
    const { self, master, network } = await bond([card(0), card(1)]);
    await call('VLAN.create', master, 8, await pool.createNetwork());
    const { vif } = await pool.createRunningVm(network);
    await call('Bond.destroy', self);
    expect(api.db.exists('Bond', self)).toBe(false);
    expect(api.db.exists('PIF', master)).toBe(false);
    expect(pif(card(0))).toMatchObject({
      management: true,
      currently_attached: true,
      IP: before,
      bond_slave_of: NULL_REF,
      ip_configuration_mode: 'DHCP',
    });
    expect(pif(card(1))).toMatchObject({ management: false, currently_attached: true, bond_slave_of: NULL_REF });
    expect(pif(card(0)).VLAN_slave_of).toHaveLength(1);
    expect(api.db.get('VIF', vif)).toMatchObject({ network: own, currently_attached: true });
    await expect(pool.physical.network.addresses('bond0')).rejects.toMatchObject({ code: 'PIF_DEVICE_NOT_FOUND' });
  });
});

describe('settings of a bond', () => {
  it('follow its mode', async () => {
    const { api, call, card } = pool;
    const { self } = await bond([card(1), card(2)], 'lacp', new Map([['lacp-time', 'fast']]));
    expect(Object.fromEntries(api.db.get('Bond', self).properties)).toEqual({
      hashing_algorithm: 'tcpudp_ports',
      'lacp-time': 'fast',
      'lacp-fallback-ab': 'true',
    });
    await call('Bond.set_property', self, 'hashing_algorithm', 'src_mac');
    await expect(call('Bond.set_property', self, 'hashing_algorithm', 'none')).rejects.toEqual(
      refusal('INVALID_VALUE', 'properties', 'hashing_algorithm = none'),
    );
    expect(api.db.get('Bond', self).properties.get('hashing_algorithm')).toBe('src_mac');
    await call('Bond.set_mode', self, 'active-backup');
    expect(api.db.get('Bond', self)).toMatchObject({ mode: 'active-backup', properties: new Map() });
  });
});
