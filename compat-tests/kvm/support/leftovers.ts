import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabHost } from '../../../test-support/libvirt/host/host.js';
import type { KvmGateway } from './gateway.js';

/** Where the first SR of a pool keeps its disks, as this machine sees it. */
export function imageDirectory(host: LabHost): string {
  return join(host.directory, 'lib/images');
}

/** Everything on a host that a VM could leave behind. */
export interface Leftovers {
  readonly domains: readonly string[];
  readonly processes: readonly string[];
  readonly links: readonly string[];
  readonly images: readonly string[];
  readonly nvram: readonly string[];
  /** Of screens. */
  readonly sockets: readonly string[];
  readonly filters: string;
  /** Programs that work on images for the gateway. */
  readonly helpers: readonly string[];
}

/** What there is on a host now. */
export async function leftovers({ host, daemon }: Pick<KvmGateway, 'host' | 'daemon'>): Promise<Leftovers> {
  const [domains, links, images, nvram, sockets, pids, filters, helpers] = await Promise.all([
    host.virsh('list', '--all', '--name'),
    host.run('ls', ['/sys/class/net']),
    files(imageDirectory(host)),
    files(join(host.directory, 'lib/qemu/nvram')),
    files(join(host.directory, 'gateway-run')),
    host.qemuPids(),
    host.run('nft', ['list', 'ruleset']),
    imagePrograms(daemon.process.pid),
  ]);
  return {
    domains: lines(domains),
    links: lines(links),
    images,
    nvram,
    sockets,
    processes: [...pids.keys()].sort(),
    filters,
    helpers,
  };
}

function lines(text: string): string[] {
  return text.split('\n').filter(Boolean).sort();
}

/** Files below a directory, with directories that are empty. */
async function files(directory: string): Promise<string[]> {
  const found = await readdir(directory, { recursive: true }).catch((): string[] => []);
  return found.sort();
}

/** Names of the programs for images among the children of a process. */
async function imagePrograms(pid: number): Promise<string[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const children = await Promise.all(threads.map((thread) => textOf(`/proc/${pid}/task/${thread}/children`)));
  const names = await Promise.all(
    children.flatMap((ids) => ids.split(' ').filter(Boolean)).map((id) => textOf(`/proc/${id}/comm`)),
  );
  return names.filter((name) => name.startsWith('qemu-'));
}

/** What a file of the kernel says; nothing when what it is of has ended. */
async function textOf(path: string): Promise<string> {
  return (await readFile(path, 'utf8').catch(() => '')).trim();
}
