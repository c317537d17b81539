import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { execute } from '../../../../test-support/libvirt/execute.js';
import { eventually } from '../../contract/watch.js';
import { ADDRESS, GATEWAY, startNetwork, type TestNetwork } from './test-network.js';

const refused = { code: 'PIF_CONFIGURATION_ERROR' };
const none = { mode: 'None', ip: '', netmask: '', gateway: '', dns: '' } as const;
const none6 = { mode: 'None', addresses: [], gateway: '', dns: '' } as const;

describe('the network of a Linux host', () => {
  let test: TestNetwork;

  afterEach(() => test.close());

  async function ip(...lines: readonly string[]): Promise<void> {
    await test.commands.run('ip', ['-batch', '-'], `${lines.join('\n')}\n`);
  }

  /** How many DHCP clients work for a device of the host. */
  async function running(device: string): Promise<number> {
    const pids = await execute('ip', ['netns', 'pids', test.name]);
    const commands = await Promise.all(
      pids
        .split('\n')
        .filter(Boolean)
        .map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
    );
    return commands.filter((command) => /dhclient|udhcpc|dhcpcd/.test(command) && command.includes(device)).length;
  }

  it('tells what is there, whoever made it, and that it has changed', async () => {
    test = await startNetwork(false, { names: async () => new Map([['foreign0', 'A network of libvirt']]) });
    const { network } = test;
    expect((await network.interfaces()).map(({ device, carrier, mtu }) => [device, carrier, mtu])).toEqual([
      ['eth0', true, 1500],
      ['eth1', true, 1500],
      ['eth2', true, 1500],
    ]);
    let changes = 0;
    network.onChange(() => changes++);
    await ip(
      'link add foreign0 type bridge',
      'link set eth1 master foreign0',
      'tuntap add vnet7 mode tap',
      'link set vnet7 master foreign0',
    );
    await eventually(() => changes > 0);
    expect(await network.bridges()).toEqual([{ bridge: 'foreign0', mtu: 1500, devices: ['eth1'], name: 'A network of libvirt' }]);
    await test.outside.run('ip', ['link', 'set', 'eth2', 'down']);
    await eventually(async () => (await network.interfaces()).some(({ device, carrier }) => device === 'eth2' && !carrier));
    await eventually(() => changes > 1);
    // One change may be told in several messages, and of carriers the kernel tells once a second.
    let before = 0;
    while (before !== changes) {
      before = changes;
      await new Promise((resolve) => setTimeout(resolve, 1500));
    }
    await ip('tuntap add vnet8 mode tap', 'link set vnet8 up', 'link delete vnet8');
    // A device of a guest is nothing that clients see. What comes after it shows that it has been passed over.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(changes).toBe(before);
  });

  it('knows the cards that it was told of', async () => {
    test = await startNetwork(false, { cards: ['eth2'] });
    expect((await test.network.interfaces()).map(({ device }) => device)).toEqual(['eth2']);
  });

  it('leaves alone what somebody else made', async () => {
    test = await startNetwork();
    const { network } = test;
    await ip('link add foreign0 type bridge', 'link set eth1 master foreign0', 'link set eth1 mtu 1400');
    const before = await test.commands.run('ip', ['link']);
    await network.ensureBridge('foreign0', 'eth1', 9000);
    await network.ensureBridge('foreign0', undefined, 9000);
    await network.removeBridge('foreign0');
    await expect(network.ensureBridge('foreign0', 'eth2', 1500)).rejects.toMatchObject(refused);
    await expect(network.ensureBridge('xenbr1', 'eth1', 1500)).rejects.toMatchObject(refused);
    await expect(network.ensureBridge('eth2', undefined, 1500)).rejects.toMatchObject(refused);
    await expect(network.ensureBridge('eth9 type dummy', undefined, 1500)).rejects.toMatchObject(refused);
    await expect(network.ensureBridge('br0', 'eth2 up', 1500)).rejects.toMatchObject({ code: 'PIF_DEVICE_NOT_FOUND' });
    expect(await test.commands.run('ip', ['link'])).toBe(before);
  });

  it('makes nothing of a bridge that the kernel refuses', async () => {
    test = await startNetwork();
    const { network } = test;
    const before = await test.picture();
    await expect(network.ensureBridge('testbr', 'eth1', 70_000)).rejects.toMatchObject(refused);
    expect(await test.picture()).toEqual(before);
  });

  it('moves static routes and second addresses along with a card', async () => {
    test = await startNetwork();
    const { network } = test;
    await ip(
      'address add 10.77.1.2/24 dev eth0',
      'address add 10.77.0.9/24 dev eth0',
      'address add 2001:db8::2/64 dev eth0 nodad',
      `route add 198.51.100.0/24 via ${GATEWAY} metric 7`,
      'route add 203.0.113.0/24 dev eth0',
      'route add 2001:db8:1::/64 via 2001:db8::1',
    );
    await network.ensureBridge('xenbr0', 'eth0', 1500);
    expect((await network.addresses('eth0')).ipv4.map(({ address }) => address)).toEqual([ADDRESS, '10.77.1.2', '10.77.0.9']);
    expect((await network.addresses('eth0')).ipv6).toContain('2001:db8::2/64');
    const routes = await test.commands.run('ip', ['route', 'show', 'table', 'all']);
    expect(routes).toContain(`198.51.100.0/24 via ${GATEWAY} dev xenbr0 metric 7`);
    expect(routes).toContain('203.0.113.0/24 dev xenbr0 scope link');
    expect(routes).toContain('2001:db8:1::/64 via 2001:db8::1 dev xenbr0');
    expect(routes).not.toContain('dev eth0 metric 7');
  });

  it('sets up again after a boot what was set up before it', async () => {
    test = await startNetwork();
    const { network } = test;
    const address = { mode: 'Static', ip: '192.0.2.9', netmask: '255.255.255.0', gateway: '', dns: '192.0.2.2' } as const;
    await network.ensureBridge('xenbr1', 'eth1', 1400);
    await network.configureIp('eth1', address);
    await network.configureIpv6('eth1', { mode: 'Static', addresses: ['2001:db8::9/64'], gateway: '', dns: '' });
    await network.createTunnel('eth1', 'vxlan', '77');
    await network.ensureBridge('inner', undefined, 1500);
    await network.ensureBridge('gone', undefined, 1500);
    await network.removeBridge('gone');
    const before = [await network.bridges(), await network.addresses('eth1')];
    await ip('link delete tunnel0', 'link delete xenbr1', 'link delete inner');
    const again = await test.reopen();
    expect([await again.bridges(), await again.addresses('eth1')]).toEqual(before);
    expect(await test.commands.run('ip', ['-details', 'link', 'show', 'tunnel0'])).toContain(
      'vxlan id 77 group 239.192.0.77 dev xenbr1',
    );
    // Nothing is done twice.
    expect([await (await test.reopen()).bridges(), await again.addresses('eth1')]).toEqual(before);
  });

  it('carries packets between hosts that have tunnels with the same key', async () => {
    test = await startNetwork();
    const { network, outside } = test;
    await network.configureIp('eth1', { ...none, mode: 'Static', ip: '192.0.2.1', netmask: '255.255.255.0' });
    const tunnel = await network.createTunnel('eth1', 'vxlan', '00000000-0000-4000-8000-00000000000a');
    const [, id] = /vxlan id (\d+) group (\S+)/.exec(await test.commands.run('ip', ['-details', 'link', 'show', tunnel])) ?? [];
    const [, , group] =
      /vxlan id (\d+) group (\S+)/.exec(await test.commands.run('ip', ['-details', 'link', 'show', tunnel])) ?? [];
    await network.configureIp(tunnel, { ...none, mode: 'Static', ip: '198.51.100.1', netmask: '255.255.255.0' });
    const lines = [
      'address add 192.0.2.2/24 dev eth1',
      `link add tunnel0 type vxlan id ${id} group ${group} dev eth1 dstport 4789`,
      'address add 198.51.100.2/24 dev tunnel0',
      'link set tunnel0 up',
      'neigh replace 198.51.100.1 dev tunnel0 nud none use',
    ];
    await outside.run('ip', ['-batch', '-'], `${lines.join('\n')}\n`);
    await eventually(async () => (await outside.run('ip', ['neigh', 'show', 'to', '198.51.100.1'])).includes('lladdr'));
    await expect(network.createTunnel('eth1', 'vxlan', '')).rejects.toMatchObject(refused);
  });

  it('gets addresses by DHCP where somebody gives them, also on a bridge, and after a restart', async () => {
    test = await startNetwork();
    const { network, outside } = test;
    await outside.run('ip', ['address', 'add', '192.0.2.1/24', 'dev', 'eth1']);
    const lease = join(test.directory, 'leases');
    await outside.run('dnsmasq', [
      ...['--conf-file=/dev/null', '--interface=eth1', '--except-interface=lo', '--bind-interfaces', '--port=0', '--no-ping'],
      ...['--dhcp-range=192.0.2.50,192.0.2.60,255.255.255.0,1h', '--dhcp-authoritative', `--dhcp-leasefile=${lease}`],
      ...[`--pid-file=${join(test.directory, 'dnsmasq.pid')}`, '--user=root'],
    ]);
    try {
      const set = await network.configureIp('eth1', { ...none, mode: 'DHCP' });
      expect(set.ipv4[0]?.address).toMatch(/^192\.0\.2\.5\d$/);
      await network.ensureBridge('xenbr1', 'eth1', 1500);
      expect((await network.addresses('eth1')).ipv4).toEqual(set.ipv4);
      expect((await (await test.reopen()).addresses('eth1')).ipv4).toEqual(set.ipv4);
      expect(await running('xenbr1')).toBe(1);
      await ip('link delete xenbr1');
      const again = await test.reopen();
      expect((await again.addresses('eth1')).ipv4).toEqual(set.ipv4);
      const off = await again.configureIp('eth1', none);
      expect(off.ipv4).toEqual([]);
      await eventually(async () => (await running('xenbr1')) === 0);
    } finally {
      await execute('pkill', ['--pidfile', join(test.directory, 'dnsmasq.pid')]);
    }
  });

  it('waits for a DHCP server in vain, which the management interface does not survive', async () => {
    test = await startNetwork();
    expect((await test.network.configureIp('eth2', { ...none, mode: 'DHCP' })).ipv4).toEqual([]);
    await expect(test.network.configureIp('eth0', { ...none, mode: 'DHCP' })).rejects.toMatchObject(refused);
    expect((await test.network.addresses('eth0')).ipv4).toEqual([{ address: ADDRESS, netmask: '255.255.255.0' }]);
  }, 60_000);

  it('lists the name servers of the management interface, and leaves a file of others alone', async () => {
    test = await startNetwork();
    const { network } = test;
    const file = join(test.directory, 'resolv.conf');
    const settings = { mode: 'Static', ip: ADDRESS, netmask: '255.255.255.0', gateway: GATEWAY } as const;
    await network.configureIp('eth0', { ...settings, dns: '192.0.2.53,2001:db8::53' });
    expect(await readFile(file, 'utf8')).toMatch(/nameserver 192\.0\.2\.53\nnameserver 2001:db8::53\n$/);
    await writeFile(file, '# Generated by NetworkManager\nnameserver 192.0.2.1\n');
    await network.configureIp('eth0', { ...settings, dns: '192.0.2.54' });
    expect(await readFile(file, 'utf8')).toBe('# Generated by NetworkManager\nnameserver 192.0.2.1\n');
    await network.configureIpv6('eth0', none6);
  });
});
