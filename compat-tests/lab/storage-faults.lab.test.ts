import { describe, expect } from 'vitest';
import { until } from '../../test-support/libvirt/until.js';
import { cached, onlyCached, refIn, told } from '../kvm/support/client-cache.js';
import { addDrive, addVolume, vmFromTemplate } from '../kvm/support/virtual-machine.js';
import { digestOf, newSr } from '../sr-life/calls.js';
import { steps } from '../sr-life/steps.js';
import { labGateway } from './support/lab-gateway.js';

const gateway = labGateway();

/** Milliseconds in which a daemon answers that nothing holds up, on a machine that has much else to do. */
const AT_ONCE = 20_000;

/** Milliseconds in which work on storage that is gone has failed: by itself the kernel would try for much longer. */
const BOUND = 120_000;

/** Milliseconds in which storage counts as gone or back. */
const NOTICED = 90_000;

const MiB = 2 ** 20;

/** How clients are told that storage does not do something, whatever it is. */
const STORAGE_ERROR = /^SR_BACKEND_FAILURE/;

/** With what a call failed: of the error itself the whole pool would be printed. */
async function failure(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'nothing',
    (thrown: unknown) =>
      thrown instanceof Error && 'code' in thrown && 'params' in thrown ? `${thrown.code} ${thrown.params}` : String(thrown),
  );
}

/** Rejects when something takes longer than it may. */
async function within<T>(milliseconds: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} has taken more than ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

describe('an SR whose storage network fails', () => {
  const step = steps();
  /** What the disk of the VM is on, over both networks. */
  let unit = { sr: '', scsiId: '' };
  let vm: string;
  /** SRs that no VM uses, on a file server and in a volume group on a unit, each with one disk. */
  const idle: { readonly sr: string; readonly disk: string; readonly digest: string }[] = [];

  const uuid = (): string => String(gateway.xapi.getObjectByRef(vm).uuid);

  /** Resolves when the PBD of the VM's SR tells of so many paths. */
  async function paths(count: number): Promise<void> {
    const { $ref } = onlyCached(gateway.xapi, 'PBD', { SR: unit.sr });
    const wanted = { [`mpath-${unit.scsiId}`]: `[${count}, 2]` };
    await until(
      `events that tell of ${JSON.stringify(wanted)}`,
      async () => {
        const config: Readonly<Record<string, unknown>> = { ...Object(gateway.xapi.getObjectByRef($ref).other_config) };
        return Object.entries(wanted).every(([key, value]) => config[key] === value) ? true : undefined;
      },
      NOTICED,
    );
  }

  /** Resolves when a message says how many paths the VM's disk has. A second one comes two minutes later at the earliest. */
  async function message(count: number): Promise<void> {
    const event = new RegExp(`Events received[^]*scsi_id=${unit.scsiId}; current=${count}; max=2`);
    await until(
      `a message of ${count} paths`,
      async () =>
        cached(gateway.xapi, 'message', { name: 'MULTIPATH_PERIODIC_ALERT' }).find(({ body }) => event.test(String(body))),
      gateway.soon,
    );
  }

  step('is made with a VM or a disk', async () => {
    const { xapi, storage } = gateway;
    await xapi.call('host.set_multipathing', refIn(xapi.pool, 'master'), true);
    const address = storage.address(1);

    const served = await storage.serveDisk('unit', 65);
    const onUnit = { target: address, targetIQN: served.target, SCSIid: served.scsiId };
    unit = { sr: await newSr(gateway, { type: 'iscsi', deviceConfig: onUnit, shared: true }), scsiId: served.scsiId };
    const vdi = (await told(xapi, 'VDI', { SR: unit.sr, virtual_size: 65 * MiB }, gateway.soon)).$ref;
    await xapi.putResource(await gateway.guestImage(), '/import_raw_vdi', { query: { vdi, format: 'qcow2' } });
    vm = await vmFromTemplate(xapi, 'on two paths');
    await addDrive(xapi, vm, vdi, '0');
    await gateway.furnish(vm);

    const { server, path } = await storage.serveDirectory('fails');
    const { target, scsiId } = await storage.serveDisk('group', 4096);
    for (const [type, deviceConfig] of [
      ['nfs', { server, serverpath: path, options: 'timeo=50,retrans=1' }],
      ['lvmoiscsi', { target: address, targetIQN: target, SCSIid: scsiId }],
    ] as const) {
      const sr = await newSr(gateway, { type, deviceConfig, shared: true });
      const disk = await addVolume(xapi, sr, `on ${type}`, MiB);
      const content = Buffer.from(`written on ${type}`.padEnd(MiB, '.'));
      await xapi.putResource(content, '/import_raw_vdi', { query: { vdi: disk, format: 'raw' } });
      idle.push({ sr, disk, digest: await digestOf(gateway, disk) });
    }
    // Guests leave little of the machine's only processor to others.
    await xapi.callAsync('VM.start', vm, false, false);
    await gateway.guestUp(vm);
    await paths(2);
  });

  step('loses a path: the PBD and a message say so, and the guest goes on', async () => {
    await gateway.storage.cut(2);
    await paths(1);
    await gateway.write(uuid(), '/mnt/mark', 'over one path');
    expect(await gateway.read(uuid(), '/mnt/mark')).toBe('over one path');
    await message(1);
    await gateway.storage.mend(2);
    await paths(2);
    await gateway.xapi.callAsync('VM.clean_shutdown', vm);
  });

  step('is gone: work on it fails in time, and all else is done meanwhile', async () => {
    const { xapi, storage, soon } = gateway;
    await Promise.all([storage.cut(1), storage.cut(2)]);
    const failing = idle.map(async ({ sr }) => {
      expect(await within(BOUND, 'SR.scan', failure(xapi.callAsync('SR.scan', sr)))).toMatch(STORAGE_ERROR);
      expect(await within(BOUND, 'VDI.create', failure(addVolume(xapi, sr, 'not to be', MiB)))).toMatch(STORAGE_ERROR);
    });
    const isOver = Promise.all(failing).then(() => true);
    isOver.catch(() => undefined);
    const local = onlyCached(xapi, 'SR', { name_label: 'Local storage' }).$ref;
    for (;;) {
      await within(AT_ONCE, 'host.get_servertime', xapi.call('host.get_servertime', refIn(xapi.pool, 'master')));
      const disk = await within(AT_ONCE, 'VDI.create on another SR', addVolume(xapi, local, 'meanwhile', MiB));
      await within(AT_ONCE, 'VDI.destroy on another SR', xapi.callAsync('VDI.destroy', disk));
      if (await Promise.race([isOver, new Promise<false>((resolve) => setTimeout(resolve, 1000, false))])) break;
    }
    for (const { sr, disk } of idle) {
      expect(await xapi.call('SR.get_VDIs', sr)).toEqual([disk]);
      await told(xapi, 'VDI', { $ref: disk, missing: false, current_operations: {} }, soon);
      await told(xapi, 'PBD', { SR: sr, currently_attached: true }, soon);
    }
  });

  step('is back: its disks are as they were, and new ones are made', async () => {
    const { xapi, storage } = gateway;
    await Promise.all([storage.mend(1), storage.mend(2)]);
    await paths(2);
    for (const { sr, disk, digest } of idle) {
      await until(
        'the SR can be scanned',
        () =>
          xapi.callAsync('SR.scan', sr).then(
            () => true,
            () => undefined,
          ),
        NOTICED,
      );
      expect(await xapi.call('SR.get_VDIs', sr)).toEqual([disk]);
      expect(await digestOf(gateway, disk)).toBe(digest);
      await xapi.callAsync('VDI.destroy', await addVolume(xapi, sr, 'new', MiB));
    }
  });
});
