import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PASSWORD } from '../../daemon.js';
import { REPOSITORY } from '../../libvirt/repository.js';
import type { LabMachine } from '../lab-machine.js';
import { NODE } from './node.js';
import { Service } from './service.js';

const NAME = 'daemon';
const PLACE = '/opt/gateway';
const DATA = '/var/lib/xenapi-gateway';

/** Its port in the machine. */
export const HTTP = 8080;

/** Milliseconds until a start counts as hung: it takes a minute of the processor, of which a busy machine may have little to give. */
const PATIENCE = 500_000;

/** Packages that the bundled daemon loads, and that come with what they need. */
const PACKAGES = ['bindings', 'pino', 'ssh2'];

/** What is needed of a package that comes with a hundred thousand lines of C. */
const SQLITE = ['package.json', 'lib', 'build/Release/better_sqlite3.node'].map((name) => `node_modules/better-sqlite3/${name}`);

/** The gateway in a lab machine, which it manages through libvirt. */
export interface LabDaemon {
  /** Where it serves, for programs on this machine. */
  readonly http: string;
  readonly service: Service;
}

/**
 * Starts the daemon in a machine that has its files. Resolves when it serves: in half a minute the first time, in a quarter when it goes
 * on where an earlier one has ended.
 */
export async function startDaemon(machine: LabMachine): Promise<LabDaemon> {
  const addresses = join(DATA, 'addresses.json');
  await machine.run('rm', ['-f', addresses]);
  const where = ['--bind', '0.0.0.0', '--http-port', `${HTTP}`, '--https-port', '0', '--data-dir', DATA];
  // KVM works, and finding that out takes longer here than the daemon waits.
  const hosts = ['--host', 'libvirt', '--domain-type', 'kvm'];
  // Compiling what is about to run a few times costs more here than it saves.
  const command = [NODE, '--no-opt', `${PLACE}/dist/main.js`, 'start', ...hosts, ...where] as const;
  const service = await Service.start(machine, NAME, command, { XENAPI_GATEWAY_ROOT_PASSWORD: PASSWORD });
  const status = await service.made(addresses, PATIENCE);
  if (status !== undefined) throw new Error(`the daemon ended with ${status}:\n${await service.output()}`);
  return runningDaemon(machine);
}

/** The daemon that was started in a machine before that was kept. */
export async function runningDaemon(machine: LabMachine): Promise<LabDaemon> {
  return { http: `http://127.0.0.1:${await machine.forward(HTTP)}`, service: new Service(machine, NAME) };
}

/** Files of the daemon that was compiled last and of the Node that runs this, by where `startDaemon` needs them. */
export async function daemonFiles(): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = { [NODE]: process.execPath };
  const names = [...SQLITE, 'package.json', ...(await daemonPrograms())];
  for (const name of await withDependencies(PACKAGES)) names.push(`node_modules/${name}`);
  for (const name of names) files[join(PLACE, name)] = join(REPOSITORY, name);
  return files;
}

/** The compiled daemon, by paths in the repository. */
export async function daemonPrograms(): Promise<string[]> {
  return (await readdir(join(REPOSITORY, 'dist'))).filter((name) => name.endsWith('.js')).map((name) => `dist/${name}`);
}

async function withDependencies(names: readonly string[], found = new Set<string>()): Promise<ReadonlySet<string>> {
  for (const name of names) {
    if (found.has(name)) continue;
    const text = await readFile(join(REPOSITORY, 'node_modules', name, 'package.json'), 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    found.add(name);
    const description: unknown = JSON.parse(text);
    const needs =
      typeof description === 'object' && description !== null && 'dependencies' in description ? description.dependencies : {};
    await withDependencies(Object.keys(needs ?? {}), found);
  }
  return found;
}
