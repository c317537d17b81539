import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll } from 'vitest';
import type { Xapi } from 'xen-api';
import { type LabDaemon, startDaemon } from '../../../test-support/lab-machine/inside/daemon.js';
import { bringFiles } from '../../../test-support/lab-machine/inside/node.js';
import { type LabMachine, startLabMachine } from '../../../test-support/lab-machine/lab-machine.js';
import { StorageServer } from '../../../test-support/lab-machine/storage-server.js';
import { prepareGuest } from '../../../test-support/libvirt/guest/guest.js';
import { until } from '../../../test-support/libvirt/until.js';
import { onlyCached, told } from '../../kvm/support/client-cache.js';
import { connector } from '../../kvm/support/gateway.js';
import { readInGuest, writeInGuest } from '../../kvm/support/guest-files.js';
import type { SrGateway } from '../../sr-life/sr-gateway.js';
import { BOOT_STEP } from '../../sr-life/steps.js';

/** Milliseconds between two looks for events: each takes time of the machine's only processor. */
const DEBOUNCE = 200;

/** Milliseconds in which clients have heard of what has happened in the machine. */
const SOON = 30_000;

/** Milliseconds until a guest in the machine that has not told of itself counts as broken: it takes 20 s, and minutes on a busy machine. */
const BOOT_PATIENCE = 300_000;

/** Where the gateway takes kernels of guests from, and the size of the disk in MiB that they come on. */
const KERNELS = { directory: '/boot/guest', size: 32 };

/** A lab machine, the gateway in it, and a client of other people's making that follows all events. */
export interface LabGateway extends SrGateway {
  readonly machine: LabMachine;
  readonly storage: StorageServer;
  /** What the daemon has printed since it was started last. */
  output(): string;
}

interface Parts {
  readonly machine: LabMachine;
  readonly storage: StorageServer;
  daemon: LabDaemon;
  xapi: Xapi;
}

/** Starts a machine and the gateway in it before the tests of the file, and ends both after them. */
export function labGateway(): LabGateway {
  let parts: Parts | undefined;
  let guestDisk: Promise<string> | undefined;
  const there = (): Parts => {
    if (!parts) throw new Error('the gateway has not been started');
    return parts;
  };
  const host = {
    virsh: async (...args: readonly string[]) => (await there().machine.run('virsh', ['--quiet', ...args])).trim(),
  };
  const guestImage = async (): Promise<Buffer> => readFile((await prepareGuest()).disk);

  beforeAll(async () => {
    const machine = await startLabMachine();
    try {
      const { kernel, initrd } = await prepareGuest();
      await bringFiles(machine, KERNELS.directory, KERNELS.size, { vmlinuz: kernel, initrd });
      const daemon = await startDaemon(machine);
      parts = { machine, storage: new StorageServer(machine), daemon, xapi: await connector(daemon.http, DEBOUNCE) };
    } catch (thrown) {
      await machine.close();
      throw thrown;
    }
  }, BOOT_STEP);

  afterAll(async () => {
    if (!parts) return;
    const { machine, daemon, xapi } = parts;
    await xapi.disconnect();
    // Clients are not told why.
    const failures = daemon
      .output()
      .split('\n')
      .filter((line) => line.includes('request failed'));
    if (failures.length > 0) process.stderr.write(`${failures.join('\n')}\n`);
    await daemon.process.signal('TERM');
    const status = await daemon.process.ended;
    await machine.close();
    if (status !== 0) throw new Error(`the daemon ended with ${status}:\n${daemon.output()}`);
  });

  return {
    get machine() {
      return there().machine;
    },
    get storage() {
      return there().storage;
    },
    get xapi() {
      return there().xapi;
    },
    output: () => there().daemon.output(),
    soon: SOON,
    guestImage,
    guestDisk: () => (guestDisk ??= guestImage().then((image) => bringGuest(there().xapi, image))),
    furnish: (vm) => giveKernel(there().xapi, vm),
    guestUp: (vm) => guestUp(there().xapi, vm),
    write: (domain, path, text) => writeInGuest(host, domain, path, text),
    read: (domain, path) => readInGuest(host, domain, path),
    leftovers: () => linesOf(there().machine),
    async crashAndStart() {
      const now = there();
      await now.xapi.disconnect();
      await now.daemon.process.signal('KILL');
      await now.daemon.process.ended;
      now.daemon = await startDaemon(now.machine);
      now.xapi = await connector(now.daemon.http, DEBOUNCE);
    },
  };
}

/** What there is on a machine that SRs and VMs may leave; with `held`, what an attached SR holds only. */
export async function linesOf(machine: LabMachine, ...which: readonly 'held'[]): Promise<string[]> {
  return (await machine.script('machine', 'leftovers.sh', which)).split('\n').filter(Boolean).sort();
}

/** Sends the guest's disk to the local SR, as users do. */
async function bringGuest(xapi: Xapi, image: Buffer): Promise<string> {
  const sr = onlyCached(xapi, 'SR', { name_label: 'Local storage' });
  const query = { sr_id: sr.$ref, format: 'qcow2', name_label: 'the guest' };
  await xapi.putResource(image, '/import_raw_vdi', { query });
  return (await told(xapi, 'VDI', { SR: sr.$ref, name_label: 'the guest', current_operations: {} }, SOON)).$ref;
}

/**
 * Has a VM boot a kernel of its host: firmware and boot loader take longer in the machine than all that follows. Without a card the guest
 * has told of its system when it is up.
 */
async function giveKernel(xapi: Xapi, vm: string): Promise<void> {
  await xapi.call('VM.set_HVM_boot_policy', vm, '');
  await xapi.call('VM.set_PV_kernel', vm, `${KERNELS.directory}/vmlinuz`);
  await xapi.call('VM.set_PV_ramdisk', vm, `${KERNELS.directory}/initrd`);
  await xapi.call('VM.set_PV_args', vm, 'console=ttyS0 quiet');
}

async function guestUp(xapi: Xapi, vm: string): Promise<void> {
  await until(
    `what the guest of ${vm} tells`,
    async () => {
      const metrics = xapi.getObjectByRef(String(xapi.getObjectByRef(vm).guest_metrics), undefined);
      return Object.keys(metrics?.os_version ?? {}).length > 0 ? true : undefined;
    },
    BOOT_PATIENCE,
  );
}
