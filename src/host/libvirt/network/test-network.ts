import { mkdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute } from '../../../../test-support/libvirt/execute.js';
import { HostCommands } from './commands.js';
import { LinuxNetwork, type LinuxNetworkOptions } from './linux-network.js';

const SCHEMA = '/usr/share/openvswitch/vswitch.ovsschema';

/** Address of the host in the network of its first card, and that of its gateway there. */
export const ADDRESS = '10.77.0.2';
export const GATEWAY = '10.77.0.1';

let made = 0;

/** A network namespace that stands for a host, with three cards that lead into another one. */
export interface TestNetwork {
  /** Name of the namespace. */
  readonly name: string;
  readonly network: LinuxNetwork;
  /** Runs programs inside. */
  readonly commands: HostCommands;
  /** Runs programs at the other end of the cards, which are `eth0` to `eth2` there too. */
  readonly outside: HostCommands;
  readonly directory: string;
  /** Devices, addresses and routes of the host, without what changes by itself. */
  picture(): Promise<string[]>;
  /** Ends the network of this process and opens it again, as the next process would. */
  reopen(options?: LinuxNetworkOptions): Promise<LinuxNetwork>;
  close(): Promise<void>;
}

/** Makes a host with Open vSwitch or without. Its first card has an address and leads to a gateway that answers. */
export async function startNetwork(openVswitch = false, options: LinuxNetworkOptions = {}): Promise<TestNetwork> {
  const name = `xgn-${process.pid}-${made++}`;
  const directory = join(tmpdir(), name);
  const inside = new HostCommands(['nsenter', `--net=/run/netns/${name}`]);
  const outside = new HostCommands(['nsenter', `--net=/run/netns/${name}o`]);
  const remove = async (): Promise<void> => {
    for (const daemon of ['ovs-vswitchd', 'ovsdb-server']) {
      const pid = Number(await readFile(join(directory, `${daemon}.pid`), 'utf8').catch(() => ''));
      if (pid > 0) process.kill(pid);
    }
    for (const namespace of [name, `${name}o`]) await execute('ip', ['netns', 'delete', namespace]).catch(() => undefined);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await mkdir(directory, { recursive: true });
    await makeNamespaces(name);
    if (openVswitch) await startOpenVswitch(name, directory);
    const open = (more: LinuxNetworkOptions): Promise<LinuxNetwork> =>
      LinuxNetwork.open({
        commands: inside,
        openVswitch: join(directory, 'db.sock'),
        settings: join(directory, 'network.json'),
        nameServers: join(directory, 'resolv.conf'),
        patience: 1000,
        ...options,
        ...more,
      });
    let network = await open({});
    return {
      name,
      get network() {
        return network;
      },
      commands: inside,
      outside,
      directory,
      picture: () => picture(inside),
      async reopen(more = {}) {
        await network.close();
        network = await open(more);
        return network;
      },
      async close() {
        await network.close();
        await remove();
      },
    };
  } catch (thrown) {
    await remove();
    throw thrown;
  }
}

async function picture(commands: HostCommands): Promise<string[]> {
  const text = await commands.run('ip', ['-batch', '-'], 'address show\nroute show\n');
  return text
    .split('\n')
    .filter((line) => !/inet6 fe80|valid_lft|link\/ether/.test(line))
    .map((line) => line.replace(/^\d+: /, '').replace(/ qdisc .*$/, ''))
    .filter((line) => line !== '')
    .sort();
}

async function makeNamespaces(name: string): Promise<void> {
  for (const namespace of [name, `${name}o`]) {
    await execute('ip', ['netns', 'add', namespace]);
    await execute('ip', ['-netns', namespace, 'link', 'set', 'lo', 'up']);
  }
  const cards = ['eth0', 'eth1', 'eth2'].map((card) => `link add ${card} type veth peer name ${card} netns ${name}o`);
  const up = ['eth0', 'eth1', 'eth2'].map((card) => `link set ${card} up`);
  const lines = (...all: readonly (readonly string[])[]) => `${all.flat().join('\n')}\n`;
  await execute('ip', ['-netns', name, '-batch', '-'], {
    input: lines(cards, up, [`address add ${ADDRESS}/24 dev eth0`]),
  });
  await execute('ip', ['-netns', `${name}o`, '-batch', '-'], { input: lines(up, [`address add ${GATEWAY}/24 dev eth0`]) });
  await execute('ip', ['-netns', name, 'route', 'add', 'default', 'via', GATEWAY]);
}

/** Starts its daemons with a database of their own. They know nothing of those of the machine. */
async function startOpenVswitch(name: string, directory: string): Promise<void> {
  const env = { OVS_RUNDIR: directory, OVS_DBDIR: directory, OVS_LOGDIR: directory };
  const database = join(directory, 'conf.db');
  const socket = join(directory, 'db.sock');
  const start = (program: string, ...args: readonly string[]) =>
    execute(
      'nsenter',
      [`--net=/run/netns/${name}`, program, ...args, '--detach', '--log-file', `--pidfile=${directory}/${program}.pid`],
      { env },
    );
  await execute('ovsdb-tool', ['create', database, SCHEMA], { env });
  await start('ovsdb-server', database, `--remote=punix:${socket}`);
  await execute('ovs-vsctl', [`--db=unix:${socket}`, '--no-wait', 'init'], { env });
  await start('ovs-vswitchd', `unix:${socket}`);
}

/** Whether the kernel of the host can make a kind of device; `link`: over that one. */
export async function kernelHas(commands: HostCommands, type: readonly string[], link?: string): Promise<boolean> {
  try {
    await commands.run('ip', ['link', 'add', ...(link === undefined ? [] : ['link', link]), 'name', 'trial0', 'type', ...type]);
    await commands.run('ip', ['link', 'delete', 'dev', 'trial0']);
    return true;
  } catch {
    return false;
  }
}
