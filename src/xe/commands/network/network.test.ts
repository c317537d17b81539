import { expect, it } from 'vitest';
import { apiFixture } from '../../../api/testing/fixture.js';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import { CommandFailure } from '../../failure.js';
import { fixtureApi } from '../../testing/fixture-api.js';
import { runCommand } from '../../testing/run-command.js';
import { scriptedApi } from '../../testing/scripted-api.js';
import { networkFamily } from './index.js';

function command(name: string) {
  const found = networkFamily.find((one) => one.name === name);
  if (!found) throw new Error(`no command ${name}`);
  return found;
}

it('network-create fills in what is not given, and prints the uuid', async () => {
  const { api } = await apiFixture();
  const client = fixtureApi(api);
  const uuid = (await runCommand(client, command('network-create'), 'name-label=inside')).trimEnd();
  expect(client.record('network', client.byUuid('network', uuid)).fields).toMatchObject({
    name_label: 'inside',
    name_description: '',
    MTU: 1500,
    managed: true,
  });
  const large = (
    await runCommand(client, command('network-create'), 'name-label=b', 'MTU=9000', 'managed=no', 'bridge=br7')
  ).trimEnd();
  expect(client.record('network', client.byUuid('network', large)).fields).toMatchObject({
    MTU: 9000,
    managed: false,
    bridge: 'br7',
  });
  await expect(runCommand(client, command('network-create'), 'name-label=c', 'MTU=big')).rejects.toMatchObject({
    code: 'INTERNAL_ERROR',
    params: ['Failure: Int64.of_string'],
  });
});

it.each([
  [['mac=02:00:00:00:00:01'], /^02:00:00:00:00:01$/],
  [[], /^$/],
  [['mac='], /^$/],
  // Given out locally, to one card: the two lowest bits of the first byte are 10.
  [['mac=random'], /^[0-9a-f][26ae](:[0-9a-f]{2}){5}$/],
])('vif-create %j asks for that address, with the MTU of the network', async (words, mac) => {
  const { api, sent } = scriptedApi({ 'network.get_MTU': 9000, 'VIF.create': 'OpaqueRef:made' });
  expect(await runCommand(api, command('vif-create'), 'vm-uuid=v', 'network-uuid=n', 'device=3', ...words)).toBe('made\n');
  const created = sent.find(([name]) => name === 'VIF.create')?.[1] as ReadonlyMap<string, unknown>;
  expect(created.get('MAC')).toMatch(mac);
  expect(Object.fromEntries(created)).toMatchObject({ VM: 'OpaqueRef:v', network: 'OpaqueRef:n', device: '3', MTU: 9000 });
});

it('vif-unplug forces only when it is told to', async () => {
  const { api, sent } = scriptedApi({ 'VIF.unplug': '', 'VIF.unplug_force': '' });
  await runCommand(api, command('vif-unplug'), 'uuid=a');
  await runCommand(api, command('vif-unplug'), 'uuid=b', '--force');
  expect(sent).toEqual([
    ['VIF.unplug', 'OpaqueRef:a'],
    ['VIF.unplug_force', 'OpaqueRef:b'],
  ]);
});

it('vif-configure-ipv4 and -ipv6 take modes in any case, and a static one only with its address', async () => {
  const { api, sent } = scriptedApi({ 'VIF.configure_ipv4': '', 'VIF.configure_ipv6': '' });
  await runCommand(api, command('vif-configure-ipv4'), 'uuid=a', 'mode=static', 'address=10.0.0.1/8', 'gateway=10.0.0.2');
  await runCommand(api, command('vif-configure-ipv6'), 'uuid=a', 'mode=NONE');
  expect(sent).toEqual([
    ['VIF.configure_ipv4', 'OpaqueRef:a', 'Static', '10.0.0.1/8', '10.0.0.2'],
    ['VIF.configure_ipv6', 'OpaqueRef:a', 'None', '', ''],
  ]);
  for (const name of ['vif-configure-ipv4', 'vif-configure-ipv6'])
    await expect(runCommand(api, command(name), 'uuid=a', 'mode=static')).rejects.toEqual(
      new CommandFailure('Required parameter not found: address'),
    );
  await expect(runCommand(api, command('vif-configure-ipv4'), 'uuid=a', 'mode=odd')).rejects.toThrow(CommandFailure);
});

it('pif-reconfigure-ip and -ipv6 find addresses whatever the case of their names', async () => {
  const { api, sent } = scriptedApi({ 'PIF.reconfigure_ip': '', 'PIF.reconfigure_ipv6': '' });
  await runCommand(
    api,
    command('pif-reconfigure-ip'),
    'uuid=a',
    'mode=static',
    'ip=10.0.0.1',
    'netmask=255.0.0.0',
    'dns=10.0.0.9',
  );
  await runCommand(api, command('pif-reconfigure-ip'), 'uuid=a', 'mode=dhcp');
  await runCommand(api, command('pif-reconfigure-ipv6'), 'uuid=a', 'mode=static', 'ipv6=fd00::1/64', 'gateway=fd00::2');
  expect(sent).toEqual([
    ['PIF.reconfigure_ip', 'OpaqueRef:a', 'Static', '10.0.0.1', '255.0.0.0', '', '10.0.0.9'],
    ['PIF.reconfigure_ip', 'OpaqueRef:a', 'DHCP', '', '', '', ''],
    ['PIF.reconfigure_ipv6', 'OpaqueRef:a', 'Static', 'fd00::1/64', 'fd00::2', ''],
  ]);
});

it('bond-create takes several PIFs, properties in both spellings, and an empty mode for the usual one', async () => {
  const { api, sent } = scriptedApi({ 'Bond.create': 'OpaqueRef:bond' });
  expect(
    await runCommand(
      api,
      command('bond-create'),
      'network-uuid=n',
      'pif-uuids=a,b',
      'mode=',
      'properties:hashing=x',
      'properties-y=z',
    ),
  ).toBe('bond\n');
  await runCommand(api, command('bond-create'), 'network-uuid=n', 'pif-uuids=a', 'mode=LACP', 'mac=m');
  const network = 'OpaqueRef:n';
  expect(sent).toEqual([
    [
      'Bond.create',
      network,
      ['OpaqueRef:a', 'OpaqueRef:b'],
      '',
      'balance-slb',
      new Map([
        ['hashing', 'x'],
        ['y', 'z'],
      ]),
    ],
    ['Bond.create', network, ['OpaqueRef:a'], 'm', 'lacp', new Map()],
  ]);
  await expect(runCommand(api, command('bond-create'), 'network-uuid=n', 'pif-uuids=a', 'mode=odd')).rejects.toThrow(
    "Expected one of 'balance-slb', 'active-backup', 'lacp', got odd",
  );
});

it('vlan-create and tunnel-create print the PIF that people know the new thing by', async () => {
  const { api, sent } = scriptedApi({
    'VLAN.create': 'OpaqueRef:vlan',
    'VLAN.get_untagged_PIF': 'OpaqueRef:upper',
    'tunnel.create': 'OpaqueRef:tunnel',
    'tunnel.get_access_PIF': 'OpaqueRef:access',
  });
  expect(await runCommand(api, command('vlan-create'), 'pif-uuid=p', 'network-uuid=n', 'vlan=7')).toBe('upper\n');
  expect(await runCommand(api, command('tunnel-create'), 'pif-uuid=p', 'network-uuid=n')).toBe('access\n');
  expect(await runCommand(api, command('tunnel-create'), 'pif-uuid=p', 'network-uuid=n', 'protocol=VXLAN')).toBe('access\n');
  expect(sent.filter(([name]) => name.endsWith('.create'))).toEqual([
    ['VLAN.create', 'OpaqueRef:p', 7, 'OpaqueRef:n'],
    ['tunnel.create', 'OpaqueRef:p', 'OpaqueRef:n', 'gre'],
    ['tunnel.create', 'OpaqueRef:p', 'OpaqueRef:n', 'vxlan'],
  ]);
});

it('vlan-destroy takes a VLAN or the PIF of one, and says what is wrong with a VLAN', async () => {
  const invalid =
    (className: string) =>
    (uuid: string): Ref<'VLAN'> => {
      throw new ApiError('UUID_INVALID', className, uuid);
    };
  const vlan = scriptedApi({ 'VLAN.destroy': '' });
  await runCommand(vlan.api, command('vlan-destroy'), 'uuid=v');
  expect(vlan.sent).toEqual([['VLAN.destroy', 'OpaqueRef:v']]);
  const pif = scriptedApi({ 'VLAN.get_by_uuid': invalid('VLAN'), 'PIF.destroy': '' });
  await runCommand(pif.api, command('vlan-destroy'), 'uuid=p');
  expect(pif.sent.at(-1)).toEqual(['PIF.destroy', 'OpaqueRef:p']);
  const neither = scriptedApi({ 'VLAN.get_by_uuid': invalid('VLAN'), 'PIF.get_by_uuid': invalid('PIF') });
  await expect(runCommand(neither.api, command('vlan-destroy'), 'uuid=x')).rejects.toMatchObject({ params: ['VLAN', 'x'] });
});

it('sdn-controller-introduce connects with TLS where nothing else is said', async () => {
  const { api, sent } = scriptedApi({ 'SDN_controller.introduce': 'OpaqueRef:c' });
  await runCommand(api, command('sdn-controller-introduce'));
  await runCommand(api, command('sdn-controller-introduce'), 'address=192.0.2.1', 'protocol=pssl', 'tcp-port=6640');
  expect(sent).toEqual([
    ['SDN_controller.introduce', 'ssl', '', 0],
    ['SDN_controller.introduce', 'pssl', '192.0.2.1', 6640],
  ]);
});
