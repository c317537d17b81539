import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PASSWORD } from '../../daemon.js';
import { REPOSITORY } from '../../libvirt/repository.js';
import type { LabMachine } from '../lab-machine.js';
import type { RemoteProgram } from '../machine/shell.js';
import { bringFiles, bringNode, NODE } from './node.js';

const PLACE = '/opt/gateway';
const DATA = '/var/lib/xenapi-gateway';
const HTTP = 8080;

/** Size in MiB of the disk that the daemon is brought on: it takes 25. */
const SIZE = 128;

/** Milliseconds until a start counts as hung: it takes a minute of the processor, of which a busy machine may have little to give. */
const PATIENCE = 600_000;

/** Packages that the bundled daemon loads, and that come with what they need. */
const PACKAGES = ['bindings', 'pino', 'ssh2'];

/** What is needed of a package that comes with a hundred thousand lines of C. */
const SQLITE = ['package.json', 'lib', 'build/Release/better_sqlite3.node'].map((name) => `node_modules/better-sqlite3/${name}`);

/** The gateway in a lab machine, which it manages through libvirt. */
export interface LabDaemon {
  /** Where it serves, for programs on this machine. */
  readonly http: string;
  readonly process: RemoteProgram;
  /** What it has printed. */
  readonly output: () => string;
}

/**
 * Starts the daemon that was compiled last in a machine. Resolves when it serves: in half a minute the first time, in a quarter when it
 * goes on where an earlier one has ended. `args` come after the standard command line.
 */
export async function startDaemon(machine: LabMachine, args: readonly string[] = []): Promise<LabDaemon> {
  await bringNode(machine);
  if (!(await machine.run('ls', ['/opt'])).split('\n').includes('gateway')) await bringDaemon(machine);
  const address = join(DATA, 'addresses.json');
  await machine.run('rm', ['-f', address]);
  const where = ['--bind', '0.0.0.0', '--http-port', `${HTTP}`, '--https-port', '0', '--data-dir', DATA];
  // KVM works, and finding that out takes longer here than the daemon waits.
  const hosts = ['--host', 'libvirt', '--domain-type', 'kvm'];
  // Compiling what is about to run a few times costs more here than it saves.
  const program = await machine.spawn(NODE, ['--no-opt', `${PLACE}/dist/main.js`, 'start', ...hosts, ...where, ...args], {
    env: { XENAPI_GATEWAY_ROOT_PASSWORD: PASSWORD },
  });
  let output = '';
  for (const stream of [program.stdout, program.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const early = program.ended.then((status) => {
    throw new Error(`the daemon ended with ${status}:\n${output}`);
  });
  await Promise.race([early, machine.until('test', ['-e', address], PATIENCE)]);
  // From now on it may end.
  early.catch(() => undefined);
  return { http: `http://127.0.0.1:${await machine.forward(HTTP)}`, process: program, output: () => output };
}

async function bringDaemon(machine: LabMachine): Promise<void> {
  const files: Record<string, string> = { 'package.json': join(REPOSITORY, 'package.json') };
  for (const name of await readdir(join(REPOSITORY, 'dist'))) {
    if (name.endsWith('.js')) files[`dist/${name}`] = join(REPOSITORY, 'dist', name);
  }
  for (const name of SQLITE) files[name] = join(REPOSITORY, name);
  for (const name of await withDependencies(PACKAGES)) files[`node_modules/${name}`] = join(REPOSITORY, 'node_modules', name);
  await bringFiles(machine, PLACE, SIZE, files);
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
