import { describe, expect, it } from 'vitest';
import type { Session } from '../connection/session.js';
import { RemoteNetwork } from './remote-network.js';
import { RemoteRules } from './remote-rules.js';

const DEVICES: Readonly<Record<string, string>> = {
  eth0: "<interface type='ethernet' name='eth0'><mtu size='9000'/><link speed='1000' state='up'/><mac address='52:54:00:00:00:01'/></interface>",
  br0: `<interface type='bridge' name='br0'><protocol family='ipv4'><ip address='192.0.2.9' prefix='20'/></protocol>
    <protocol family='ipv6'><ip address='2001:db8::9' prefix='64'/></protocol>
    <bridge><interface type='ethernet' name='eth0'/></bridge></interface>`,
};

/** Answers as libvirt would for these devices and one network of its own. */
const session: Pick<Session, 'read'> = {
  async read(procedure, args) {
    const answers: Readonly<Record<string, unknown>> = {
      CONNECT_LIST_ALL_INTERFACES: { ifaces: Object.keys(DEVICES).map((name) => ({ name, mac: '52:54:00:00:00:01' })), ret: 2 },
      INTERFACE_GET_XML_DESC: { xml: DEVICES[(args as { iface?: { name: string } }).iface?.name ?? ''] },
      CONNECT_LIST_ALL_NETWORKS: { nets: [{ name: 'default', uuid: '' }], ret: 1 },
      NETWORK_GET_BRIDGE_NAME: { name: 'virbr0' },
    };
    return answers[procedure] as never;
  },
};

describe('the network of a host that only libvirt reaches', () => {
  const network = new RemoteNetwork(session);

  it('has the cards and bridges that libvirt tells', async () => {
    expect(await network.interfaces()).toMatchObject([{ device: 'eth0', mtu: 9000, speed: 1000, carrier: true }]);
    expect(await network.bridges()).toEqual([
      { bridge: 'br0', mtu: 1500, devices: ['eth0'], name: 'br0' },
      { bridge: 'virbr0', mtu: 1500, devices: [], name: 'default' },
    ]);
    expect(await network.addresses('br0')).toMatchObject({
      ipv4: [{ address: '192.0.2.9', netmask: '255.255.240.0' }],
      ipv6: ['2001:db8::9/64'],
    });
  });

  it('takes guests into what is there, and refuses every change', async () => {
    await network.ensureBridge('br0', 'eth0');
    await network.ensureBridge('virbr0', undefined);
    const refused = { code: 'PIF_CONFIGURATION_ERROR' };
    await expect(network.ensureBridge('br1', undefined)).rejects.toMatchObject(refused);
    await expect(network.ensureBridge('virbr0', 'eth0')).rejects.toMatchObject(refused);
    await expect(network.createVlan('eth0')).rejects.toMatchObject(refused);
    await expect(network.bringDown('eth0')).rejects.toMatchObject(refused);
    await expect(network.addresses('eth9')).rejects.toMatchObject({ code: 'PIF_DEVICE_NOT_FOUND' });
  });

  it('does not run a guest whose card would have to be locked', async () => {
    const rules = new RemoteRules();
    const nic = { vif: 'v', position: 0, mac: '', mtu: 1500, bridge: 'br0', qos: new Map<string, string>() };
    const open = { ...nic, locking: { mode: 'unlocked', ipv4: [], ipv6: [] } } as const;
    const locked = { ...nic, locking: { mode: 'locked', ipv4: [], ipv6: [] } } as const;
    expect(rules.needed(open)).toBe(false);
    await rules.apply('vnet0', open);
    expect(rules.needed(locked)).toBe(true);
    await expect(rules.apply('vnet0', locked)).rejects.toMatchObject({ code: 'OPERATION_NOT_ALLOWED' });
  });
});
