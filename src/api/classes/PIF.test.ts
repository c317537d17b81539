import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import { type NetworkPool, networkPool } from '../testing/network-pool.js';

let pool: NetworkPool;
beforeEach(async () => {
  pool = await networkPool();
});
afterEach(() => pool.close());

function refusal(...description: string[]) {
  return expect.objectContaining({ description });
}

describe('addresses', () => {
  it('reach the host, and those of DHCP come back', async () => {
    const { call, card, pif } = pool;
    await call('PIF.reconfigure_ip', card(1), 'Static', '192.0.2.7', '255.255.255.0', '192.0.2.1', '192.0.2.2,2001:db8::2');
    expect(pif(card(1))).toMatchObject({ IP: '192.0.2.7', gateway: '192.0.2.1', DNS: '192.0.2.2', currently_attached: true });
    expect((await pool.physical.network.addresses('eth1')).ipv4).toEqual([{ address: '192.0.2.7', netmask: '255.255.255.0' }]);
    await call('PIF.reconfigure_ipv6', card(1), 'Static', '2001:db8::7/64', '', '2001:db8::2');
    expect(pif(card(1))).toMatchObject({ IPv6: ['2001:db8::7/64'], DNS: '2001:db8::2,192.0.2.2' });
    await call('PIF.reconfigure_ip', card(1), 'DHCP', '', '', '', '');
    const [lease] = (await pool.physical.network.addresses('eth1')).ipv4;
    expect(pif(card(1))).toMatchObject({ ip_configuration_mode: 'DHCP', IP: lease?.address, netmask: lease?.netmask });
  });

  it('are checked before anything is done', async () => {
    const { call, card, pif } = pool;
    const before = pif(card(1));
    const set = (...given: string[]) => call('PIF.reconfigure_ip', card(1), ...given);
    await expect(set('Static', '', '255.0.0.0', '', '')).rejects.toEqual(refusal('INVALID_IP_ADDRESS_SPECIFIED', 'IP'));
    await expect(set('Static', '192.0.2.7', 'x', '', '')).rejects.toEqual(refusal('INVALID_IP_ADDRESS_SPECIFIED', 'netmask'));
    await expect(set('DHCP', '', '', '300.1.1.1', '')).rejects.toEqual(refusal('INVALID_IP_ADDRESS_SPECIFIED', 'gateway'));
    await expect(call('PIF.reconfigure_ipv6', card(1), 'Static', '2001:db8::7', '', '')).rejects.toEqual(
      refusal('INVALID_CIDR_ADDRESS_SPECIFIED', 'IPv6'),
    );
    vi.spyOn(pool.physical.network, 'configureIp').mockRejectedValueOnce(new ApiError('INTERNAL_ERROR', 'no'));
    await expect(set('Static', '192.0.2.7', '255.0.0.0', '', '')).rejects.toMatchObject({ code: 'INTERNAL_ERROR' });
    expect(pif(card(1))).toEqual(before);
  });

  it('of the management interface are never taken away', async () => {
    const { api, call, card, host } = pool;
    await expect(call('PIF.reconfigure_ip', card(0), 'None', '', '', '', '')).rejects.toEqual(
      refusal('PIF_IS_MANAGEMENT_INTERFACE', card(0)),
    );
    for (const message of ['PIF.unplug', 'PIF.forget'])
      await expect(call(message, card(0))).rejects.toEqual(refusal('PIF_IS_MANAGEMENT_INTERFACE', card(0)));
    await expect(call('PIF.set_primary_address_type', card(0), 'IPv6')).rejects.toEqual(
      refusal('PIF_IS_MANAGEMENT_INTERFACE', card(0)),
    );
    await call('PIF.reconfigure_ip', card(0), 'Static', '192.0.2.20', '255.255.255.0', '', '');
    expect(api.db.get('host', host).address).toBe('192.0.2.20');
  });
});

describe('records of cards', () => {
  it('are forgotten, and found again by a scan', async () => {
    const { api, call, host, card } = pool;
    const gone = card(2);
    const { network, MAC, metrics } = pool.pif(gone);
    await call('PIF.forget', gone);
    expect(api.db.exists('PIF_metrics', metrics)).toBe(false);
    await call('PIF.scan', host);
    await call('PIF.scan', host);
    expect(api.db.get('host', host).PIFs).toHaveLength(3);
    expect(pool.pif(card(2))).toMatchObject({ network, MAC, physical: true, currently_attached: false });
  });

  it('are introduced by device and address', async () => {
    const { call, host, card } = pool;
    const { MAC } = pool.pif(card(2));
    await expect(call('PIF.introduce', host, '', 'eth2', true)).rejects.toEqual(refusal('DUPLICATE_PIF_DEVICE_NAME', 'eth2'));
    await expect(call('PIF.introduce', host, '', 'eth9', true)).rejects.toEqual(refusal('MAC_INVALID', ''));
    await call('PIF.forget', card(2));
    await expect(call('PIF.introduce', host, '02:00:00:00:00:01', 'eth2', true)).rejects.toEqual(
      refusal('COULD_NOT_FIND_NETWORK_INTERFACE_WITH_SPECIFIED_DEVICE_NAME_AND_MAC_ADDRESS', 'eth2', '02:00:00:00:00:01'),
    );
    const made = await call<Ref<'PIF'>>('PIF.introduce', host, MAC.toUpperCase(), 'eth2', true);
    expect(pool.pif(made)).toMatchObject({ device: 'eth2', MAC, managed: true });
  });
});

describe('settings', () => {
  it('of a link follow the model', async () => {
    const { call, card, pif } = pool;
    await call('PIF.set_property', card(1), 'gro', 'off');
    expect(pif(card(1)).properties).toEqual(new Map([['gro', 'off']]));
    await expect(call('PIF.set_property', card(1), 'gro', 'maybe')).rejects.toEqual(
      refusal('INVALID_VALUE', 'properties', 'gro = maybe'),
    );
    await call('PIF.set_disallow_unplug', card(1), true);
    await expect(call('PIF.unplug', card(1))).rejects.toEqual(refusal('PIF_DOES_NOT_ALLOW_UNPLUG', card(1)));
  });

  it('protect a pool with high availability', async () => {
    const { api, call, card } = pool;
    api.db.set('pool', api.pool, { ha_enabled: true });
    await expect(call('PIF.unplug', card(1))).rejects.toEqual(refusal('HA_IS_ENABLED'));
    await expect(call('PIF.reconfigure_ip', card(1), 'DHCP', '', '', '', '')).rejects.toEqual(refusal('HA_IS_ENABLED'));
  });
});

describe('SR-IOV', () => {
  it('is refused for cards that have none', async () => {
    const { call, card } = pool;
    const network = await pool.createNetwork();
    await expect(call('network_sriov.create', card(1), network)).rejects.toEqual(refusal('PIF_IS_NOT_SRIOV_CAPABLE', card(1)));
  });
});
