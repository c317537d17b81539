import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll } from 'vitest';
import type { Xapi } from 'xen-api';
import { type LabDaemon, runningDaemon, startDaemon } from '../../../test-support/lab-machine/inside/daemon.js';
import { type LabMachine, startLabMachine } from '../../../test-support/lab-machine/lab-machine.js';
import { StorageServer } from '../../../test-support/lab-machine/storage-server.js';
import { prepareGuest } from '../../../test-support/libvirt/guest/guest.js';
import { until } from '../../../test-support/libvirt/until.js';
import { connector } from '../../kvm/support/gateway.js';
import { readInGuest, writeInGuest } from '../../kvm/support/guest-files.js';
import type { SrGateway } from '../../sr-life/sr-gateway.js';
import { BOOT_STEP } from '../../sr-life/steps.js';
import { DEBOUNCE, guestDiskOf, KERNEL, prepareGatewayImage, SOON } from './gateway-image.js';

/** Milliseconds until a guest in the machine that has not told of itself counts as broken: it takes 20 s, and minutes on a busy machine. */
const BOOT_PATIENCE = 300_000;

/** A lab machine, the gateway in it, and a client of other people's making that follows all events. */
export interface LabGateway extends SrGateway {
  readonly machine: LabMachine;
  readonly storage: StorageServer;
  /** What the daemon has printed since it was started last. */
  output(): Promise<string>;
}

interface Parts {
  readonly machine: LabMachine;
  readonly storage: StorageServer;
  daemon: LabDaemon;
  xapi: Xapi;
}

/** Has a machine with a gateway go on before the tests of the file, and ends both after them. */
export function labGateway(): LabGateway {
  let parts: Parts | undefined;
  const there = (): Parts => {
    if (!parts) throw new Error('the gateway has not been started');
    return parts;
  };
  const host = {
    virsh: async (...args: readonly string[]) => (await there().machine.run('virsh', ['--quiet', ...args])).trim(),
  };

  beforeAll(async () => {
    const machine = await startLabMachine(await prepareGatewayImage());
    try {
      const daemon = await runningDaemon(machine);
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
    const failures = (await daemon.service.output()).split('\n').filter((line) => line.includes('request failed'));
    if (failures.length > 0) process.stderr.write(`${failures.join('\n')}\n`);
    await daemon.service.signal('TERM');
    const status = await daemon.service.ended();
    const output = await daemon.service.output();
    await machine.close();
    if (status !== 0) throw new Error(`the daemon ended with ${status}:\n${output}`);
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
    output: () => there().daemon.service.output(),
    soon: SOON,
    guestImage: async () => readFile((await prepareGuest()).disk),
    guestDisk: async () => guestDiskOf(there().xapi),
    furnish: (vm) => giveKernel(there().xapi, vm),
    guestUp: (vm) => guestUp(there().xapi, vm),
    write: (domain, path, text) => writeInGuest(host, domain, path, text),
    read: (domain, path) => readInGuest(host, domain, path),
    leftovers: () => linesOf(there().machine),
    async crashAndStart() {
      const now = there();
      await now.xapi.disconnect();
      await now.daemon.service.signal('KILL');
      await now.daemon.service.ended();
      now.daemon = await startDaemon(now.machine);
      now.xapi = await connector(now.daemon.http, DEBOUNCE);
    },
  };
}

/** What there is on a machine that SRs and VMs may leave; with `held`, what an attached SR holds only. */
export async function linesOf(machine: LabMachine, ...which: readonly 'held'[]): Promise<string[]> {
  return (await machine.script('machine', 'leftovers.sh', which)).split('\n').filter(Boolean).sort();
}

/**
 * Has a VM boot a kernel of its host: firmware and boot loader take longer in the machine than all that follows. Without a card the guest
 * has told of its system when it is up.
 */
async function giveKernel(xapi: Xapi, vm: string): Promise<void> {
  await xapi.call('VM.set_HVM_boot_policy', vm, '');
  await xapi.call('VM.set_PV_kernel', vm, KERNEL.file);
  await xapi.call('VM.set_PV_ramdisk', vm, KERNEL.ramdisk);
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
