import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makePki } from './pki.js';

/** Places that a libvirtd has on a machine, as places of its own. The script's first argument is where they are. */
const INNER = `
set -e
for place in run lib cache log; do
  mkdir -p /var/$place/libvirt
  mount --bind "$1/$place" /var/$place/libvirt
done
mount --bind "$1/etc" /etc/libvirt
exec libvirtd --listen --pid-file "$1/libvirtd.pid"
`;

const QEMU_CONF = `
user = "root"
group = "root"
security_driver = "none"
stdio_handler = "file"
remember_owner = 0
namespaces = []
cgroup_controllers = []
`;

/** Milliseconds until a libvirtd has to answer. */
const PATIENCE = 20_000;

/** A libvirtd that nobody else uses, with places of its own. Needs root. */
export class TestLibvirtd {
  readonly folder: string;
  /** Its Unix socket. */
  readonly socket: string;
  readonly tcpPort: number;
  readonly tlsPort: number;
  /** Folders with certificates, by what they are for. */
  readonly pki: { readonly trusted: string; readonly stranger: string; readonly anonymous: string };
  #process: ChildProcess | undefined;

  private constructor(folder: string, tcpPort: number, tlsPort: number) {
    this.folder = folder;
    this.socket = join(folder, 'run/libvirt-sock');
    this.tcpPort = tcpPort;
    this.tlsPort = tlsPort;
    this.pki = {
      trusted: join(folder, 'pki/trusted'),
      stranger: join(folder, 'pki/stranger'),
      anonymous: join(folder, 'pki/anonymous'),
    };
  }

  static async start(): Promise<TestLibvirtd> {
    const folder = await mkdtemp(join(tmpdir(), 'libvirtd-'));
    const libvirtd = new TestLibvirtd(folder, await freePort(), await freePort());
    for (const place of ['run', 'lib', 'cache', 'log', 'etc', 'images']) await mkdir(join(folder, place));
    await cp('/etc/libvirt', join(folder, 'etc'), { recursive: true });
    await rm(join(folder, 'etc/qemu/networks/autostart'), { recursive: true, force: true });
    const server = await makePki(join(folder, 'pki'));
    await writeFile(join(folder, 'etc/libvirtd.conf'), libvirtd.#conf(server));
    await writeFile(join(folder, 'etc/qemu.conf'), QEMU_CONF);
    await libvirtd.run();
    return libvirtd;
  }

  /** The URI of a driver through the Unix socket. */
  uri(name = 'qemu:///system'): string {
    return `${name}?socket=${this.socket}`;
  }

  /** Runs it, again if it was killed. */
  async run(): Promise<void> {
    const child = spawn('unshare', ['--mount', 'sh', '-c', INNER, 'sh', this.folder], { stdio: 'ignore' });
    this.#process = child;
    const deadline = Date.now() + PATIENCE;
    while (!(await exists(join(this.folder, 'libvirtd.pid'))) || !(await exists(this.socket))) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`libvirtd did not start: ${await this.#log()}`);
      await sleep(50);
    }
  }

  /** Sends a signal to the daemon alone. */
  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Kills the daemon as a crash would. Its guests go on. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
    await rm(this.socket, { force: true });
    await rm(join(this.folder, 'libvirtd.pid'), { force: true });
  }

  /** Ends the daemon and its guests, and removes what they left. */
  async stop(): Promise<void> {
    await this.kill();
    const run = join(this.folder, 'run/qemu');
    for (const name of await readdir(run).catch(() => [])) {
      if (name.endsWith('.pid')) end(Number(await readFile(join(run, name), 'utf8')));
    }
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #log(): Promise<string> {
    return await readFile(join(this.folder, 'log/libvirtd.log'), 'utf8').catch(() => 'no log');
  }

  #conf(pki: { readonly ca: string; readonly cert: string; readonly key: string }): string {
    return `
auth_unix_rw = "none"
unix_sock_rw_perms = "0700"
log_outputs = "3:file:${this.folder}/log/libvirtd.log"
listen_addr = "127.0.0.1"
listen_tcp = 1
tcp_port = "${this.tcpPort}"
auth_tcp = "none"
listen_tls = 1
tls_port = "${this.tlsPort}"
auth_tls = "none"
ca_file = "${pki.ca}"
cert_file = "${pki.cert}"
key_file = "${pki.key}"
`;
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
