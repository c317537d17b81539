import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { execute } from '../../../../test-support/libvirt/execute.js';
import type { NicSpec } from '../../compute.js';
import { eventually } from '../../contract/watch.js';
import { HostCommands } from './commands.js';
import { TapRules } from './tap-rules.js';

const MAC = '02:00:00:00:00:05';
const HOST = '192.0.2.1';

/** A guest behind a tap: here a namespace of its own behind one end of a veth pair, which is in the host's bridge. */
describe('rules of guests’ cards', () => {
  const host = `xgr-${process.pid}`;
  const guest = `${host}g`;
  const inHost = new HostCommands(['nsenter', `--net=/run/netns/${host}`]);
  const inGuest = new HostCommands(['nsenter', `--net=/run/netns/${guest}`]);
  let rules: TapRules;

  beforeEach(async () => {
    for (const name of [host, guest]) {
      await execute('ip', ['netns', 'add', name]);
      await execute('ip', ['-netns', name, 'link', 'set', 'lo', 'up']);
    }
    await batch(inHost, [
      'link add br0 type bridge forward_delay 0',
      'link set br0 up',
      `address add ${HOST}/24 dev br0`,
      'address add 2001:db8::1/64 dev br0 nodad',
    ]);
    await plug();
    rules = await TapRules.open({ commands: inHost });
  });
  afterEach(async () => {
    await rules.close();
    for (const name of [host, guest]) await execute('ip', ['netns', 'delete', name]);
  });

  async function batch(where: HostCommands, lines: readonly string[]): Promise<void> {
    await where.run('ip', ['-batch', '-'], `${lines.join('\n')}\n`);
  }

  async function plug(): Promise<void> {
    await batch(inHost, [
      `link add vnet0 type veth peer name eth0 address ${MAC} netns ${guest}`,
      'link set vnet0 master br0',
      'link set vnet0 up',
    ]);
    await batch(inGuest, [
      'link set eth0 up',
      'address add 192.0.2.5/24 dev eth0',
      'address add 192.0.2.6/24 dev eth0',
      'address add 2001:db8::5/64 dev eth0 nodad',
      'address add 2001:db8::6/64 dev eth0 nodad',
    ]);
  }

  function nic(locking: Partial<NicSpec['locking']>, qos: [string, string][] = []): NicSpec {
    return {
      vif: '00000000-0000-4000-8000-000000000001',
      position: 0,
      mac: MAC,
      mtu: 1500,
      bridge: 'br0',
      locking: { mode: 'unlocked', ipv4: [], ipv6: [], ...locking },
      qos: new Map(qos),
    };
  }

  /** Whether the host answers a guest that speaks from an address; both have forgotten where the other is. */
  async function reaches(from: string, to = from.includes(':') ? '2001:db8::1' : HOST): Promise<boolean> {
    await inGuest.run('ip', ['neigh', 'flush', 'all']);
    await inHost.run('ip', ['neigh', 'flush', 'all']);
    const script = `
      const dgram = require('node:dgram');
      const [from, to] = process.argv.slice(1);
      const type = from.includes(':') ? 'udp6' : 'udp4';
      const socket = dgram.createSocket(type);
      socket.bind(0, from, () => socket.connect(9, to, () => {
        socket.on('error', () => { process.stdout.write('answered', () => process.exit()); });
        setInterval(() => socket.send('x', () => undefined), 50);
      }));
      setTimeout(() => process.exit(), 1000);
    `;
    // Nobody listens: the host answers that the port is closed.
    return (await inGuest.run(process.execPath, ['-e', script, from, to])).includes('answered');
  }

  async function table(): Promise<string> {
    return inHost.run('nft', ['list', 'ruleset']);
  }

  it('lets a locked card use its own addresses only', async () => {
    expect(await reaches('192.0.2.6')).toBe(true);
    expect(await reaches('2001:db8::6')).toBe(true);
    await rules.apply('vnet0', nic({ mode: 'locked', ipv4: ['192.0.2.4/31', '192.0.2.5'], ipv6: ['2001:db8::5'] }));
    expect(await reaches('192.0.2.5')).toBe(true);
    expect(await reaches('192.0.2.6')).toBe(false);
    expect(await reaches('2001:db8::5')).toBe(true);
    expect(await reaches('2001:db8::6')).toBe(false);
    await rules.apply('vnet0', nic({ mode: 'locked', ipv4: ['192.0.2.6'], ipv6: [] }));
    expect(await reaches('192.0.2.5')).toBe(false);
    expect(await reaches('192.0.2.6')).toBe(true);
    expect(await reaches('2001:db8::5')).toBe(false);
    await inGuest.run('ip', ['link', 'set', 'eth0', 'address', '02:00:00:00:00:66']);
    expect(await reaches('192.0.2.6')).toBe(false);
    await rules.apply('vnet0', nic({}));
    expect(await reaches('192.0.2.6')).toBe(true);
    expect(await table()).not.toContain('vnet0');
  });

  it('answers for no address that a locked card does not have', async () => {
    await rules.apply('vnet0', nic({ mode: 'locked', ipv4: ['192.0.2.5'], ipv6: ['2001:db8::5'] }));
    await inHost.run('ip', ['neigh', 'flush', 'all']);
    for (const address of ['192.0.2.5', '192.0.2.6', '2001:db8::5', '2001:db8::6'])
      await inHost.run('ip', ['neigh', 'replace', address, 'dev', 'br0', 'nud', 'none', 'use']);
    const known = async (address: string) => (await inHost.run('ip', ['neigh', 'show', 'to', address])).includes(MAC);
    await eventually(async () => (await known('192.0.2.5')) && (await known('2001:db8::5')));
    expect(await known('192.0.2.6')).toBe(false);
    expect(await known('2001:db8::6')).toBe(false);
  });

  it('lets nothing through a disabled card, nor to it', async () => {
    await rules.apply('vnet0', nic({ mode: 'disabled' }));
    expect(await reaches('192.0.2.5')).toBe(false);
    const received = async () => JSON.parse(await inGuest.run('ip', ['-json', '-statistics', 'link', 'show', 'eth0']));
    const before = await received();
    await inHost.run('ip', ['neigh', 'replace', '192.0.2.5', 'dev', 'br0', 'nud', 'none', 'use']);
    await eventually(async () => (await inHost.run('ip', ['neigh', 'show', 'to', '192.0.2.5'])).includes('FAILED'));
    expect((await received())[0].stats64.rx.packets).toBe(before[0].stats64.rx.packets);
    await rules.drop('vnet0');
    expect(await reaches('192.0.2.5')).toBe(true);
  });

  it('holds what a card sends to its rate', async () => {
    const RATE = 500;
    await rules.apply('vnet0', nic({}, [['kbps', String(RATE)]]));
    const sink = `
      let bytes = 0; let start;
      const socket = require('node:dgram').createSocket('udp4');
      socket.on('message', (data) => { start ??= Date.now(); bytes += data.length; });
      socket.bind(7, () => process.stdout.write('ready'));
      process.stdin.on('end', () => { process.stdout.write(bytes + ' ' + (Date.now() - start), () => process.exit()); }).resume();
    `;
    const child = spawn('nsenter', [`--net=/run/netns/${host}`, process.execPath, '-e', sink]);
    await once(child.stdout, 'data');
    const flood = `
      const socket = require('node:dgram').createSocket('udp4');
      socket.connect(7, '${HOST}', () => setInterval(() => { for (let i = 0; i < 50; i++) socket.send(Buffer.alloc(1400)); }, 10));
      setTimeout(() => process.exit(), 4000);
    `;
    await inGuest.run(process.execPath, ['-e', flood]);
    child.stdin.end();
    const [line] = await once(child.stdout, 'data');
    const [bytes = 0, ms = 0] = String(line).split(' ').map(Number);
    // It may have saved a second's worth.
    expect(bytes / 1024).toBeLessThan((RATE * (ms + 1000)) / 1000 + 200);
    expect(bytes / 1024).toBeGreaterThan((RATE * ms * 0.7) / 1000);
  });

  it('gives a new tap nothing of a former one of its name', async () => {
    await rules.apply('vnet0', nic({ mode: 'disabled' }));
    await inHost.run('ip', ['link', 'delete', 'vnet0']);
    await eventually(async () => !(await table()).includes('vnet0'));
    await plug();
    expect(await reaches('192.0.2.5')).toBe(true);
  });

  it('keeps rules of guests that run over a restart, and drops others', async () => {
    await rules.apply('vnet0', nic({ mode: 'disabled' }));
    await inHost.run('ip', ['link', 'add', 'vnet1', 'type', 'bridge']);
    await rules.apply('vnet1', nic({ mode: 'disabled' }));
    await rules.close();
    await inHost.run('ip', ['link', 'delete', 'vnet1']);
    await inHost.run('nft', ['add', 'table', 'inet', 'foreign']);
    rules = await TapRules.open({ commands: inHost });
    expect(await table()).toContain('in-vnet0');
    expect(await table()).not.toContain('vnet1');
    expect(await table()).toContain('foreign');
    expect(await reaches('192.0.2.5')).toBe(false);
  });

  it('refuses what it cannot do, and does the rest', async () => {
    // Somebody else's rule leads to a chain that is to be replaced.
    await inHost.run(
      'nft',
      ['-f', '-'],
      'add table netdev xenapi\nadd chain netdev xenapi in-vnet9\nadd chain netdev xenapi other\n',
    );
    await inHost.run('nft', ['add', 'rule', 'netdev', 'xenapi', 'other', 'jump', 'in-vnet9']);
    const first = rules.apply('vnet0', nic({}, [['kbps', '100']]));
    const wrong = rules.apply('vnet9', nic({ mode: 'disabled' }));
    const right = rules.apply('vnet0', nic({ mode: 'disabled' }));
    await expect(wrong).rejects.toMatchObject({ code: 'INTERNAL_ERROR', params: [expect.stringContaining('vnet9')] });
    await Promise.all([first, right]);
    expect(await table()).toContain('in-vnet0');
    await expect(rules.apply('vnet0; flush ruleset', nic({ mode: 'disabled' }))).rejects.toMatchObject({
      code: 'INTERNAL_ERROR',
    });
    await expect(rules.apply('vnet0', nic({ mode: 'locked', ipv4: ['192.0.2.5 } accept; #'] }))).rejects.toMatchObject({
      code: 'INVALID_IP_ADDRESS_SPECIFIED',
    });
  });
});
