import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import { type NetworkPool, networkPool } from '../testing/network-pool.js';
import { createVlansFromPif } from './vlans.js';

let pool: NetworkPool;
beforeEach(async () => {
  pool = await networkPool();
});
afterEach(() => pool.close());

function refusal(...description: string[]) {
  return expect.objectContaining({ description });
}

describe('VLANs', () => {
  it('get an interface over the card, up on the host, and go with it', async () => {
    const { api, call } = pool;
    const network = await pool.createNetwork();
    const tagged = pool.card(1);
    const vlan = await call<Ref<'VLAN'>>('VLAN.create', tagged, 42, network);
    const untagged = api.db.get('VLAN', vlan).untagged_PIF;
    expect(pool.pif(untagged)).toMatchObject({
      device: 'eth1',
      VLAN: 42,
      MAC: 'fe:ff:ff:ff:ff:ff',
      currently_attached: true,
      physical: false,
      management: false,
      VLAN_master_of: vlan,
      metrics: pool.pif(tagged).metrics,
    });
    expect(pool.pif(tagged).VLAN_slave_of).toEqual([vlan]);
    expect(pool.physical.network.hasBridge(api.db.get('network', network).bridge)).toBe(true);
    await expect(pool.physical.network.addresses('eth1.42')).resolves.toBeDefined();

    await call('VLAN.destroy', vlan);
    expect(api.db.exists('VLAN', vlan)).toBe(false);
    expect(api.db.exists('PIF', untagged)).toBe(false);
    expect(api.db.exists('PIF_metrics', pool.pif(tagged).metrics)).toBe(true);
    await expect(pool.physical.network.addresses('eth1.42')).rejects.toMatchObject({ code: 'PIF_DEVICE_NOT_FOUND' });
  });

  it('are refused with the errors of the original', async () => {
    const { call } = pool;
    const network = await pool.createNetwork();
    const card = pool.card(1);
    await expect(call('VLAN.create', card, 4095, network)).rejects.toEqual(refusal('VLAN_TAG_INVALID', '4095'));
    await expect(call('VLAN.create', card, -1, network)).rejects.toEqual(refusal('VLAN_TAG_INVALID', '-1'));
    const own = pool.pif(card).network;
    await expect(call('VLAN.create', pool.card(2), 5, own)).rejects.toEqual(
      refusal('NETWORK_ALREADY_CONNECTED', pool.host, card),
    );
    const vlan = await call<Ref<'VLAN'>>('VLAN.create', card, 5, network);
    const other = await pool.createNetwork();
    await expect(call('VLAN.create', card, 5, other)).rejects.toEqual(refusal('PIF_VLAN_EXISTS', 'eth1'));
    const upper = pool.api.db.get('VLAN', vlan).untagged_PIF;
    await expect(call('VLAN.create', upper, 6, other)).rejects.toEqual(refusal('PIF_IS_VLAN', upper));
    await expect(call('PIF.destroy', card)).rejects.toEqual(refusal('PIF_IS_PHYSICAL'));
    await expect(call('PIF.forget', card)).rejects.toEqual(refusal('PIF_VLAN_STILL_EXISTS', card));
    await expect(call('network.destroy', network)).rejects.toEqual(refusal('NETWORK_CONTAINS_PIF', upper));
  });

  it('leave nothing behind when the host refuses them', async () => {
    const { api, call } = pool;
    const network = await pool.createNetwork();
    await pool.physical.network.createVlan('eth1', 7);
    await expect(call('VLAN.create', pool.card(1), 7, network)).rejects.toEqual(refusal('VLAN_IN_USE', 'eth1', '7'));
    expect([...api.db.all('VLAN')]).toEqual([]);
    expect(api.db.get('network', network).PIFs).toEqual([]);
  });

  it('are made for a whole network, or not at all', async () => {
    const { api } = pool;
    const network = await pool.createNetwork();
    const [made] = await createVlansFromPif(api, pool.card(0), network, 9);
    expect(made && pool.pif(made)).toMatchObject({ device: 'eth0', VLAN: 9, currently_attached: true });
    await expect(createVlansFromPif(api, pool.card(0), await pool.createNetwork(), 9)).rejects.toBeInstanceOf(ApiError);
    expect([...api.db.all('VLAN')]).toHaveLength(1);
  });

  it('are unplugged and plugged again', async () => {
    const { api, call } = pool;
    const vlan = await call<Ref<'VLAN'>>('VLAN.create', pool.card(1), 5, await pool.createNetwork());
    const { untagged_PIF: untagged } = api.db.get('VLAN', vlan);
    await call('PIF.unplug', untagged);
    expect(pool.pif(untagged).currently_attached).toBe(false);
    await call('PIF.plug', untagged);
    expect(pool.pif(untagged).currently_attached).toBe(true);
  });
});

describe('tunnels', () => {
  it('need an address to travel over', async () => {
    const { call, card } = pool;
    const network = await pool.createNetwork();
    await expect(call('tunnel.create', card(1), network, 'gre')).rejects.toEqual(
      refusal('TRANSPORT_PIF_NOT_CONFIGURED', card(1)),
    );
    expect(pool.api.db.get('network', network).PIFs).toEqual([]);
    const tunnel = await call<Ref<'tunnel'>>('tunnel.create', card(0), network, 'vxlan');
    const fields = pool.api.db.get('tunnel', tunnel);
    expect(fields.status.get('active')).toBe('true');
    expect(pool.pif(fields.access_PIF)).toMatchObject({ device: 'tunnel0', currently_attached: true, MTU: 1500 });
    await call('tunnel.destroy', tunnel);
    expect(pool.api.db.exists('PIF', fields.access_PIF)).toBe(false);
  });
});
