import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabImage } from '../image/image.js';
import { Monitor } from './monitor.js';

/** Memory of the machine in MiB. What it does not touch takes none of this machine's. */
const MEMORY = 1536;

/** Arguments of the kernel. What guards against malicious programs costs time and guards nothing here. */
const ARGUMENTS =
  'console=ttyS0 quiet net.ifnames=0 mitigations=off nokaslr tsc=reliable no_timer_check random.trust_cpu=on cryptomgr.notests audit=0 selinux=0 apparmor=0 panic=-1';

/**
 * One processor: emulating two takes a fifth more for the same work, stands still while one waits for the other on a busy machine, and
 * has been seen to hang. It can run virtual machines itself, and has what is emulated well: what is newer costs more than it saves.
 */
const PROCESSOR = 'qemu64,+svm,+npt,+ssse3,+sse4.1,+sse4.2,+popcnt,+cx16,+aes,+pclmulqdq,+rdrand';

/** A disk that a machine starts from. */
export interface RootDisk {
  readonly file: string;
  readonly format: 'raw' | 'qcow2';
}

/** How QEMU is started. */
export interface QemuOptions {
  readonly image: LabImage;
  /** Where its process id and the guest's console are written. */
  readonly directory: string;
  /** The machine writes to it. */
  readonly disk: RootDisk;
  /**
   * `boot`: from the kernel, with memory that is kept in the image. `resume`: from what was kept, which stays as it is. `continue`: from
   * what was kept, with memory that goes on in the same file, to be kept again.
   */
  readonly begin: 'boot' | 'resume' | 'continue';
}

/** A QEMU without KVM that runs the lab machine. */
export class Qemu {
  readonly monitor: Monitor;
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #directory: string;
  #complaints = '';
  #isOver = false;

  private constructor(child: ChildProcess, monitor: Monitor, directory: string) {
    this.#child = child;
    this.monitor = monitor;
    this.#directory = directory;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints += text;
    });
    this.ended = new Promise((resolve) => {
      const over = (what: string) => {
        this.#isOver = true;
        monitor.end(new Error(`QEMU ${what}\n${this.#complaints}`));
        resolve();
      };
      child.once('error', (error) => over(`could not be started: ${error.message}`));
      child.once('close', (code, signal) => over(`ended with ${code ?? signal}`));
    });
  }

  /** Starts the process. Resolves as soon as its monitor answers. */
  static async start(options: QemuOptions): Promise<Qemu> {
    const { image, directory, begin } = options;
    const state = begin === 'boot' ? undefined : openSync(image.state, 'r');
    try {
      const child = spawn('qemu-system-x86_64', commandLine(options), { stdio: ['pipe', 'pipe', 'pipe', state ?? 'ignore'] });
      if (!child.stdout || !child.stdin) throw new Error('QEMU has no monitor');
      const qemu = new Qemu(child, new Monitor(child.stdout, child.stdin), directory);
      await writeFile(join(directory, 'pid'), `${child.pid ?? ''}\n`);
      await qemu.monitor.execute('qmp_capabilities');
      // What is in a file of its own is not in the state.
      await qemu.monitor.execute('migrate-set-capabilities', { capabilities: [{ capability: 'x-ignore-shared', state: true }] });
      if (state !== undefined) await qemu.monitor.execute('migrate-incoming', { uri: 'fd:3' });
      return qemu;
    } finally {
      if (state !== undefined) closeSync(state);
    }
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Has the machine go on from where it was kept. */
  async resume(): Promise<void> {
    await this.#migrated();
    await this.monitor.execute('cont');
  }

  /** The port of this machine behind which the guest's port answers. */
  async forward(port: number): Promise<number> {
    const known = await this.#forwarded(port);
    if (known !== undefined) return known;
    await this.monitor.ask(`hostfwd_add net tcp:127.0.0.1:0-:${port}`);
    const added = await this.#forwarded(port);
    if (added === undefined) throw new Error(`QEMU does not forward port ${port}:\n${await this.monitor.ask('info usernet')}`);
    return added;
  }

  async #forwarded(port: number): Promise<number | undefined> {
    for (const line of (await this.monitor.ask('info usernet')).split('\n')) {
      const [, ours, theirs] = /HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)\s+\S+\s+(\d+)/.exec(line) ?? [];
      if (ours !== undefined && Number(theirs) === port) return Number(ours);
    }
    return undefined;
  }

  /** Writes the state of all devices to a file and ends. The memory stays in its own file. */
  async keep(file: string): Promise<void> {
    await this.monitor.execute('stop');
    await this.monitor.execute('migrate', { uri: `exec:cat > '${file}'` });
    await this.#migrated();
    await this.monitor.execute('quit');
    await this.ended;
  }

  /** What QEMU calls a migration: to a file or from one. */
  async #migrated(): Promise<void> {
    for (;;) {
      const found = await this.monitor.execute('query-migrate');
      const status = typeof found === 'object' && found !== null && 'status' in found ? found.status : undefined;
      if (status === 'completed') return;
      if (status === 'failed' || status === 'cancelled') throw new Error(`the state could not be kept: ${JSON.stringify(found)}`);
      await sleep(20);
    }
  }

  /** What the guest has printed on its console. */
  async console(): Promise<string> {
    return readFile(join(this.#directory, 'console'), 'utf8').catch(() => '');
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}

function commandLine({ image, directory, disk, begin }: QemuOptions): string[] {
  return [
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-name', 'lab'],
    ...['-accel', 'tcg,tb-size=512', '-cpu', PROCESSOR, '-smp', '1'],
    // Memory in a file: whoever resumes sees it as it was and writes to a copy of his own, page by page.
    ...['-M', 'q35,memory-backend=memory', '-m', `${MEMORY}M`],
    ...[
      '-object',
      `memory-backend-file,id=memory,size=${MEMORY}M,mem-path=${image.memory},share=${begin === 'resume' ? 'off' : 'on'}`,
    ],
    ...['-kernel', image.kernel, '-initrd', image.initramfs, '-append', ARGUMENTS],
    ...[
      '-drive',
      `file=${disk.file},format=${disk.format},if=none,id=root,cache=unsafe,discard=unmap`,
      '-device',
      'virtio-blk-pci,drive=root',
    ],
    // Nobody outside can be reached from inside.
    ...['-netdev', 'user,id=net,restrict=on', '-device', 'virtio-net-pci,netdev=net,mac=52:54:00:00:00:01'],
    ...['-device', 'virtio-scsi-pci,id=scsi', '-device', 'virtio-rng-pci'],
    // Tells the kernel that it is one of several with the same memory, so that they do not draw the same random numbers.
    ...['-device', 'vmgenid,guid=auto'],
    ...['-chardev', 'stdio,id=monitor,signal=off', '-mon', 'chardev=monitor,mode=control'],
    ...['-chardev', `file,id=console,path=${join(directory, 'console')}`, '-serial', 'chardev:console'],
    ...(begin === 'boot' ? [] : ['-incoming', 'defer']),
  ];
}
