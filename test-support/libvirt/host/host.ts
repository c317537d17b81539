import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ExecuteOptions, execute } from '../execute.js';
import { writeCertificates } from './certificates.js';
import { bringCapabilities, keepCapabilities, type Listeners, writeConfiguration } from './configuration.js';
import { hostnameOf, joinLab, type Lab, leaveLab, SCRIPTS } from './lab.js';
import { Libvirtd } from './libvirtd.js';
import { makeNetwork } from './network.js';

/** How a host is started. */
export interface HostOptions {
  /** Where its libvirtd listens besides the Unix socket. Nowhere when not given. */
  readonly listen?: Listeners;
}

/**
 * Starts a host: a network, mount and host name of its own, and a libvirtd that knows nothing of this machine's. Hosts of one
 * process share a network and the directory `shared`. Close it, or it ends with this process.
 */
export async function startHost(options: HostOptions = {}): Promise<LabHost> {
  const { lab, number } = await joinLab();
  const host = new LabHost(lab, number);
  try {
    await host.open(options);
    return host;
  } catch (thrown) {
    await host.close();
    throw thrown;
  }
}

/** A host of the lab. */
export class LabHost {
  readonly name: string;
  /** Its name in the network of the lab, by which other hosts find it. */
  readonly hostname: string;
  /** Address of its bridge, which this machine and the other hosts reach. */
  readonly address: string;
  /** Where its state is kept: `run`, `lib`, `log`, `etc` are its /run/libvirt and so on. */
  readonly directory: string;
  /** A directory that all hosts of this process see, under the same path as this process. */
  readonly shared: string;
  /** Address of this machine, as the host and its guests see it. */
  readonly gateway: string;
  readonly #lab: Lab;
  readonly #number: number;
  #stay: ChildProcess | undefined;
  #libvirtd: Libvirtd | undefined;

  constructor(lab: Lab, number: number) {
    this.#lab = lab;
    this.#number = number;
    this.name = `${lab.name}-h${number}`;
    this.hostname = hostnameOf(number);
    this.address = lab.addressOf(number);
    this.directory = join(lab.directory, `h${number}`);
    this.shared = lab.shared;
    this.gateway = lab.gateway;
  }

  /** The URI of libvirt for programs on this machine. */
  get uri(): string {
    return `qemu:///system?socket=${this.libvirtd.socket}`;
  }

  /** The URI without encryption, where `listen.tcp` was asked for. */
  get tcpUri(): string {
    return `qemu+tcp://${this.address}/system`;
  }

  /** The URI with encryption, where `listen.tls` was asked for. Its client needs `certificates`. */
  get tlsUri(): string {
    return `qemu+tls://${this.address}/system?pkipath=${this.certificates}`;
  }

  /** Directory of `cacert.pem`, `clientcert.pem` and `clientkey.pem`. */
  get certificates(): string {
    return join(this.directory, 'pki');
  }

  get libvirtd(): Libvirtd {
    if (!this.#libvirtd) throw new Error(`host ${this.name} has not been started`);
    return this.#libvirtd;
  }

  /** Command line that runs another one inside the host; the process stays the same, so its id and signals are those of the program. */
  command(program: string, args: readonly string[] = []): [string, ...string[]] {
    if (this.#stay?.pid === undefined) throw new Error(`host ${this.name} has not been started`);
    return ['nsenter', '--target', `${this.#stay.pid}`, '--net', '--mount', '--uts', '--cgroup', program, ...args];
  }

  /** Starts a program inside the host. It ends with the host at the latest. */
  spawn(program: string, args: readonly string[] = [], options: SpawnOptions = {}): ChildProcess {
    const [first, ...rest] = this.command(program, args);
    return spawn(first, rest, options);
  }

  /** Runs a program inside the host to its end. Resolves to what it printed; rejects when it fails. */
  async run(program: string, args: readonly string[] = [], options: ExecuteOptions = {}): Promise<string> {
    const [first, ...rest] = this.command(program, args);
    return execute(first, rest, options);
  }

  /** Runs virsh at the host's libvirtd. Resolves to what it printed, without the lines' ends around it. */
  async virsh(...args: readonly string[]): Promise<string> {
    return (await execute('virsh', ['--quiet', '-c', this.uri, ...args])).trim();
  }

  /** Defines a domain from its XML, as somebody with virsh would. */
  async define(xml: string): Promise<void> {
    await this.#withFile(xml, (file) => this.virsh('define', file));
  }

  /** Starts a transient domain from its XML. */
  async create(xml: string): Promise<void> {
    await this.#withFile(xml, (file) => this.virsh('create', file));
  }

  async #withFile(xml: string, use: (file: string) => Promise<unknown>): Promise<void> {
    const file = join(this.directory, `${randomUUID()}.xml`);
    await writeFile(file, xml);
    await use(file);
    await rm(file);
  }

  /** Ends libvirtd in an orderly way and starts it again. Domains go on. */
  async restartLibvirtd(): Promise<void> {
    await this.libvirtd.stop();
    await this.libvirtd.start();
  }

  /** Ends libvirtd at once. Domains go on; `libvirtd.start()` brings it back. */
  async killLibvirtd(): Promise<void> {
    await this.libvirtd.stop('SIGKILL');
  }

  /** Holds libvirtd: it takes connections and answers nothing until `unhang`. */
  hang(): void {
    this.libvirtd.hang();
  }

  unhang(): void {
    this.libvirtd.unhang();
  }

  /** Process ids of QEMU, by the names of the domains that run. */
  async qemuPids(): Promise<ReadonlyMap<string, number>> {
    const run = join(this.directory, 'run/qemu');
    const files = await readdir(run).catch((): string[] => []);
    // Beside a domain's process id is its state; the driver has an id alone.
    const names = files
      .filter((file) => file.endsWith('.pid') && files.includes(`${file.slice(0, -4)}.xml`))
      .map((file) => file.slice(0, -4));
    const pidOf = async (name: string) => Number(await readFile(join(run, `${name}.pid`), 'utf8').catch(() => Number.NaN));
    const pids = await Promise.all(names.map(async (name) => [name, await pidOf(name)] as const));
    return new Map(pids.filter(([, pid]) => Number.isInteger(pid)));
  }

  /** Used by `startHost` alone. */
  async open({ listen = {} }: HostOptions): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    await Promise.all([
      copyFile(join(this.#lab.directory, 'hosts'), join(this.directory, 'hosts')),
      writeConfiguration(this.directory, this.address, listen),
      bringCapabilities(this.directory),
      listen.tls ? writeCertificates(this.directory, this.#lab, this.#number) : undefined,
      execute('ip', ['netns', 'add', this.name]).then(() => makeNetwork(this.name, this.#lab, this.#number)),
    ]);
    this.#stay = await stay(this.name, this.directory, this.hostname);
    const listening = listen.tcp || listen.tls ? ['--listen'] : [];
    this.#libvirtd = new Libvirtd(this.command('libvirtd', ['--pid-file', '/run/libvirt/own.pid', ...listening]), this.directory);
    await this.#libvirtd.start();
  }

  /** Ends every process inside, and removes all that the host consisted of. */
  async close(): Promise<void> {
    await keepCapabilities(this.directory);
    await execute('sh', [join(SCRIPTS, 'remove.sh'), 'host', this.name, this.directory]);
    await leaveLab(this.#number);
  }
}

/** Starts the process that keeps the host's namespaces, and waits until they are ready. */
async function stay(name: string, directory: string, hostname: string): Promise<ChildProcess> {
  const child = spawn('sh', [join(SCRIPTS, 'enter.sh'), name, directory, hostname], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const [ready] = await Promise.race([once(child.stdout, 'data'), once(child, 'close')]);
  if (!Buffer.isBuffer(ready)) throw new Error(`host ${name} could not be made:\n${complaints}`);
  child.stdout.destroy();
  child.stderr.destroy();
  child.unref();
  return child;
}
