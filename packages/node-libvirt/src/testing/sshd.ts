import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './libvirtd.js';

const run = promisify(execFile);

/** Milliseconds until an sshd has to listen. */
const PATIENCE = 10_000;

/** An sshd on a free port of 127.0.0.1 that lets root in with one key. Needs root and Debian's openssh-server. */
export class TestSshd {
  readonly port: number;
  /** The key that it lets in. */
  readonly keyfile: string;
  /** A key that it does not let in. */
  readonly wrongKeyfile: string;
  /** A file that knows its key. */
  readonly knownHosts: string;
  /** A file that knows another key of it. */
  readonly wrongKnownHosts: string;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(folder: string, port: number, child: ChildProcess) {
    this.#folder = folder;
    this.port = port;
    this.#process = child;
    this.keyfile = join(folder, 'user');
    this.wrongKeyfile = join(folder, 'wrong');
    this.knownHosts = join(folder, 'known_hosts');
    this.wrongKnownHosts = join(folder, 'wrong_known_hosts');
  }

  static async start(): Promise<TestSshd> {
    const folder = await mkdtemp(join(tmpdir(), 'sshd-'));
    const port = await freePort();
    for (const name of ['host', 'user', 'wrong']) {
      await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(folder, name)]);
    }
    await run('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-f', join(folder, 'host_ecdsa')]);
    await writeFile(join(folder, 'authorized'), await readFile(join(folder, 'user.pub')), { mode: 0o600 });
    const known = async (key: string) => `[127.0.0.1]:${port} ${await readFile(join(folder, `${key}.pub`), 'utf8')}`;
    // Of its two keys it would show the other one first.
    await writeFile(join(folder, 'known_hosts'), await known('host_ecdsa'));
    await writeFile(join(folder, 'wrong_known_hosts'), await known('wrong'));
    await writeFile(join(folder, 'sshd_config'), config(folder, port));
    await mkdir('/run/sshd', { recursive: true });
    const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd_config')], { stdio: 'ignore' });
    const sshd = new TestSshd(folder, port, child);
    const deadline = Date.now() + PATIENCE;
    while (!(await listens(port))) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error('sshd did not start');
      await sleep(20);
    }
    return sshd;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null) {
      this.#process.kill();
      await once(this.#process, 'exit');
    }
    await rm(this.#folder, { recursive: true });
  }
}

function config(folder: string, port: number): string {
  return `
ListenAddress 127.0.0.1:${port}
HostKey ${folder}/host
HostKey ${folder}/host_ecdsa
AuthorizedKeysFile ${folder}/authorized
PidFile none
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
AllowStreamLocalForwarding yes
`;
}

async function listens(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
