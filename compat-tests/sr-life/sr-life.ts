import { createHash } from 'node:crypto';
import { beforeAll, expect } from 'vitest';
import { cached, onlyCached, told, toldGone } from '../kvm/support/client-cache.js';
import { addDrive, addVolume, vmFromTemplate } from '../kvm/support/virtual-machine.js';
import { digestOf, disksOf, exported, imported, newSr, probed, removeWithDisks } from './calls.js';
import type { SrGateway, SrUnderTest } from './sr-gateway.js';
import { BOOT_STEP, steps } from './steps.js';

const MiB = 2 ** 20;
const FILE = '/mnt/mark';
/** Size of a disk that is only resized, written and read. */
const SMALL = 16 * MiB;

/** How much of a life is lived. Each boot takes its time. */
export interface Course {
  /** Which guests start besides the first: the one that has gone back to its snapshot, and the clone. Disks of others are compared. */
  readonly boots: 'once' | 'reverted' | 'reverted and clone';
  /** Whether the gateway crashes meanwhile. */
  readonly crash: boolean;
  /** Leaves out what has been done to another SR of the type: files of VMs, and small disks. */
  readonly brief?: boolean;
}

/** The life of an SR with a VM on it, through XenAPI, from the probe before it is made to its end. The steps build on each other. */
export function srLife(gateway: SrGateway, underTest: () => SrUnderTest, { boots, crash, brief = false }: Course): void {
  const step = steps();
  let before: unknown;
  let content: unknown;
  let sr: string;
  let vm: string;
  let snapshot: string;
  let clone: string;

  const uuidOf = (ref: string): string => String(gateway.xapi.getObjectByRef(ref).uuid);
  const probe = (): Promise<string> => probed(gateway, underTest().type, underTest().deviceConfig);
  const pbd = (): string => onlyCached(gateway.xapi, 'PBD', { SR: sr }).$ref;
  const diskOf = (machine: string): string => disksOf(gateway, machine)[0] ?? '';
  const start = async (machine: string): Promise<void> => {
    await gateway.xapi.callAsync('VM.start', machine, false, false);
    await gateway.guestUp(machine);
  };
  const shutDown = async (machine: string): Promise<void> => {
    await gateway.xapi.callAsync('VM.clean_shutdown', machine);
    await told(gateway.xapi, 'VM', { $ref: machine, power_state: 'Halted' }, gateway.soon);
  };

  beforeAll(async () => {
    // It comes first: it is there before and after.
    await gateway.guestDisk();
    before = await gateway.leftovers();
    content = await underTest().content();
  }, BOOT_STEP);

  step('is not found before it is there', async () => {
    expect(await probe()).not.toContain('<UUID>');
    expect(await underTest().held()).toEqual([]);
    expect(await underTest().content()).toEqual(content);
  });

  step('is made and attached, and a probe finds it', async () => {
    sr = await newSr(gateway, underTest());
    const { uuid, physical_size } = gateway.xapi.getObjectByRef(sr);
    expect(Number(physical_size)).toBeGreaterThan(100 * MiB);
    expect(await probe()).toMatch(new RegExp(`<UUID>\\s*${String(uuid)}\\s*</UUID>`));
  });

  step('takes the disk of a VM from another SR, and the VM boots from it', async () => {
    const { xapi } = gateway;
    const vdi = String(await xapi.callAsync('VDI.copy', await gateway.guestDisk(), sr));
    vm = await vmFromTemplate(xapi, 'on the SR under test');
    await addDrive(xapi, vm, vdi, '0');
    await gateway.furnish(vm);
    await start(vm);
    await gateway.write(uuidOf(vm), FILE, 'at the snapshot');
  });

  step('is neither unplugged nor destroyed while the VM runs', async () => {
    const { xapi } = gateway;
    await expect(xapi.callAsync('PBD.unplug', pbd())).rejects.toMatchObject({ code: 'VDI_IN_USE' });
    await expect(xapi.callAsync('SR.destroy', sr)).rejects.toThrow();
  });

  step('has a snapshot of the running VM to which it goes back', async () => {
    const { xapi, soon } = gateway;
    snapshot = String(await xapi.callAsync('VM.snapshot', vm, 'a snapshot'));
    await gateway.write(uuidOf(vm), FILE, 'after the snapshot');
    expect(await gateway.read(uuidOf(vm), FILE)).toBe('after the snapshot');
    await xapi.callAsync('VM.revert', snapshot);
    await told(xapi, 'VM', { $ref: vm, power_state: 'Halted' }, soon);
    if (boots === 'once') {
      expect(await digestOf(gateway, diskOf(vm))).toBe(await digestOf(gateway, diskOf(snapshot)));
      return;
    }
    await start(vm);
    expect(await gateway.read(uuidOf(vm), FILE)).toBe('at the snapshot');
    await shutDown(vm);
  });

  step('has a clone of the VM that goes its own way', async () => {
    const original = await digestOf(gateway, diskOf(vm));
    clone = String(await gateway.xapi.callAsync('VM.clone', vm, 'a clone'));
    await told(gateway.xapi, 'VM', { $ref: clone, power_state: 'Halted' }, gateway.soon);
    if (boots === 'reverted and clone') {
      await start(clone);
      expect(await gateway.read(uuidOf(clone), FILE)).toBe('at the snapshot');
      await gateway.write(uuidOf(clone), FILE, 'of the clone');
      await shutDown(clone);
      expect(await digestOf(gateway, diskOf(vm))).toBe(original);
    } else {
      expect(await digestOf(gateway, diskOf(clone))).toBe(original);
    }
  });

  if (!brief)
    step('gives the VM as a file and takes it back', async () => {
      const copy = await imported(gateway, await exported(gateway, vm), { sr_id: sr });
      expect(gateway.xapi.getObjectByRef(diskOf(copy)).SR).toBe(sr);
      expect(await digestOf(gateway, diskOf(copy))).toBe(await digestOf(gateway, diskOf(vm)));
      await removeWithDisks(gateway, copy);
    });

  step('keeps its disks when it is unplugged and plugged', async () => {
    const disks = cached(gateway.xapi, 'VDI', { SR: sr }).map(({ uuid }) => uuid);
    await gateway.xapi.callAsync('PBD.unplug', pbd());
    expect(await underTest().held()).toEqual([]);
    await gateway.xapi.callAsync('PBD.plug', pbd());
    if (crash) {
      await gateway.crashAndStart();
      await told(gateway.xapi, 'PBD', { SR: sr, currently_attached: true }, gateway.soon);
    }
    await gateway.xapi.callAsync('SR.scan', sr);
    const found = cached(gateway.xapi, 'VDI', { SR: sr, missing: false }).map(({ uuid }) => uuid);
    expect(found.sort()).toEqual(disks.sort());
  });

  if (!brief)
    step('resizes disks, and takes and gives their content', async () => {
      const { xapi, soon } = gateway;
      const vdi = await addVolume(xapi, sr, 'small', SMALL);
      const bytes = Buffer.alloc(SMALL);
      for (let at = 0; at < SMALL; at += 4 * MiB) bytes.write(`mark at ${at}`, at + 12_345);
      await xapi.putResource(bytes, '/import_raw_vdi', { query: { vdi, format: 'raw' } });
      expect(await digestOf(gateway, vdi)).toBe(createHash('sha256').update(bytes).digest('hex'));
      await xapi.callAsync('VDI.resize', vdi, 2 * SMALL);
      await told(xapi, 'VDI', { $ref: vdi, virtual_size: 2 * SMALL }, soon);
      const grown = Buffer.concat([bytes, Buffer.alloc(SMALL)]);
      expect(await digestOf(gateway, vdi)).toBe(createHash('sha256').update(grown).digest('hex'));
      await xapi.callAsync('VDI.destroy', vdi);
      await toldGone(xapi, 'VDI', { $ref: vdi }, soon);
    });

  step('goes with everything that was in it, and leaves nothing on the host', async () => {
    const { xapi, soon } = gateway;
    for (const one of [snapshot, clone, vm]) await xapi.callAsync('VM.destroy', one);
    for (const { $ref } of cached(xapi, 'VDI', { SR: sr, managed: true })) await xapi.callAsync('VDI.destroy', $ref);
    await xapi.callAsync('PBD.unplug', pbd());
    await xapi.callAsync('SR.destroy', sr);
    await toldGone(xapi, 'SR', { $ref: sr }, soon);
    expect(await probe()).not.toContain('<UUID>');
    expect(await underTest().held()).toEqual([]);
    expect(await underTest().content()).toEqual(content);
    expect(await gateway.leftovers()).toEqual(before);
  });
}
