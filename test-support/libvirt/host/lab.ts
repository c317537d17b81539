import { spawn } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execute } from '../execute.js';
import { REPOSITORY } from '../repository.js';

/** Scripts that run in part before or after any process of ours. */
export const SCRIPTS = join(REPOSITORY, 'test-support/libvirt/host');

/** How many labs there can be on a machine at once: as many as there are networks for them. */
const MOST_LABS = 250;

/** How many hosts one lab can have; guests have the addresses above those. */
const MOST_HOSTS = 30;

/** Names, networks and a directory that the hosts of one process share. They see each other and nobody else's hosts. */
export interface Lab {
  /** Beginning of the names of all that belongs to it. */
  readonly name: string;
  readonly directory: string;
  /** A directory that every host sees, under the same path as this process. */
  readonly shared: string;
  /** Address of this machine in the network of the hosts. */
  readonly gateway: string;
  /** Address of its nth host. */
  addressOf(host: number): string;
}

let current: { readonly lab: Promise<Lab>; hosts: Set<number> } | undefined;

/** The lab of this process, made when there is none, and a number in it for one more host. */
export async function joinLab(): Promise<{ readonly lab: Lab; readonly number: number }> {
  current ??= { lab: openLab(), hosts: new Set() };
  const { lab, hosts } = current;
  const number = Array.from({ length: MOST_HOSTS }, (_, i) => i + 1).find((i) => !hosts.has(i));
  if (number === undefined) throw new Error(`a lab has at most ${MOST_HOSTS} hosts`);
  hosts.add(number);
  return { lab: await lab, number };
}

/** Gives a number back. The last one out removes the lab. */
export async function leaveLab(number: number): Promise<void> {
  const left = current;
  if (!left?.hosts.delete(number) || left.hosts.size > 0) return;
  current = undefined;
  const { name, directory } = await left.lab;
  await execute('sh', [join(SCRIPTS, 'remove.sh'), 'lab', name, directory]);
}

async function openLab(): Promise<Lab> {
  await removeDeadLabs();
  const owner = `${process.pid} ${await startOf(process.pid)}`;
  const number = await takeNumber(owner);
  const name = nameOf(number);
  const network = `10.199.${number}`;
  const directory = directoryOf(name);
  const lab: Lab = {
    name,
    directory,
    shared: join(directory, 'shared'),
    gateway: `${network}.1`,
    addressOf: (host) => `${network}.${10 + host}`,
  };
  await mkdir(lab.shared, { recursive: true });
  await chmod(directory, 0o755);
  watch(lab, owner);
  const hosts = Array.from({ length: MOST_HOSTS }, (_, i) => `${lab.addressOf(i + 1)} ${hostnameOf(i + 1)}`);
  await writeFile(join(directory, 'hosts'), `127.0.0.1 localhost\n${lab.gateway} lab\n${hosts.join('\n')}\n`);
  const lines = [name, `${name}a`, `${name}b`].flatMap((bridge) => [
    ...(bridge === name ? [] : [`link add ${bridge} type bridge`]),
    `link set ${bridge} up`,
  ]);
  await execute('ip', ['-batch', '-'], { input: `${lines.join('\n')}\naddress add ${lab.gateway}/24 dev ${name}\n` });
  await serveDhcp(lab, network);
  return lab;
}

/** Name by which the hosts of a lab know each other. */
export function hostnameOf(host: number): string {
  return `host${host}`;
}

/** Whoever has made the bridge has the number. */
async function takeNumber(owner: string): Promise<number> {
  for (let number = 1; number <= MOST_LABS; number++) {
    try {
      await execute('ip', ['link', 'add', nameOf(number), 'type', 'bridge']);
    } catch (thrown) {
      if (String(thrown).includes('File exists')) continue;
      throw thrown;
    }
    await execute('ip', ['link', 'set', nameOf(number), 'alias', owner]);
    return number;
  }
  throw new Error(`there are ${MOST_LABS} labs already`);
}

/** Labs whose processes have died in a way that took their watchers along. */
async function removeDeadLabs(): Promise<void> {
  const links = JSON.parse(await execute('ip', ['-json', 'link', 'show', 'type', 'bridge'])) as {
    ifname?: string;
    ifalias?: string;
  }[];
  for (const { ifname: name = '', ifalias: owner = '' } of links) {
    const [pid = '', start = ''] = owner.split(' ');
    // A bridge without an owner has been made by somebody this very moment.
    if (!/^xgl\d+$/.test(name) || start === '' || (await startOf(Number(pid))) === start) continue;
    await execute('sh', [join(SCRIPTS, 'remove.sh'), 'dead', name, directoryOf(name), owner]);
  }
}

/** When a process has started, in ticks since this machine has; empty when there is none. Tells processes of the same id apart. */
export async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // After the program's name, which may contain anything, this is the twentieth field.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

/** Starts what removes the lab when this process dies without having done so. A terminal's interrupt does not reach it. */
function watch({ name, directory }: Lab, owner: string): void {
  const script = join(SCRIPTS, 'remove.sh');
  const watcher = spawn('sh', [script, 'watch', name, directory, owner], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  watcher.unref();
  if ('unref' in watcher.stdin && typeof watcher.stdin.unref === 'function') watcher.stdin.unref();
}

/** Guests of all hosts get their addresses from one server, so that they keep them when they move. */
async function serveDhcp({ name, directory, gateway }: Lab, network: string): Promise<void> {
  await execute('dnsmasq', [
    '--conf-file=/dev/null',
    `--interface=${name}`,
    '--except-interface=lo',
    '--bind-interfaces',
    '--port=0',
    `--dhcp-range=${network}.50,${network}.250,255.255.255.0,1h`,
    `--dhcp-option=option:router,${gateway}`,
    '--dhcp-authoritative',
    '--no-ping',
    `--dhcp-leasefile=${join(directory, 'leases')}`,
    `--pid-file=${join(directory, 'dnsmasq.pid')}`,
    '--user=root',
  ]);
}

function nameOf(number: number): string {
  return `xgl${number}`;
}

function directoryOf(name: string): string {
  return join(tmpdir(), `xenapi-gateway-${name}`);
}
