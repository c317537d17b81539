import { createHash } from 'node:crypto';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { cached, onlyCached, refIn, refsIn, told, toldGone } from './client-cache.js';
import type { KvmGateway } from './gateway.js';
import { readInGuest, writeInGuest } from './guest-files.js';
import { imageDirectory, type Leftovers, leftovers } from './leftovers.js';
import { addCard, addDrive, addVolume, guestUp, vmFromTemplate } from './virtual-machine.js';

const MiB = 2 ** 20;
const FILE = '/mnt/mark';
/** Size of a disk that is only resized, written and read. */
const SMALL = 16 * MiB;
/** Milliseconds for a step in which guests boot more than once, on a machine that has much else to do. */
const BOOTS = 300_000;

/** An SR of some kind that does not exist yet. */
export interface SrUnderTest {
  readonly type: string;
  readonly deviceConfig: Readonly<Record<string, string>>;
  readonly shared: boolean;
  /** What the host has for SRs of the kind now: mounts, sessions, mappings, signatures. */
  traces(): Promise<unknown>;
}

/** The life of an SR with a VM on it, through XenAPI, from the probe before it is made to its end. The steps build on each other. */
export function srLife(gateway: KvmGateway, underTest: () => SrUnderTest): void {
  let before: Leftovers;
  let traces: unknown;
  let sr: string;
  let vm: string;
  let snapshot: string;
  let clone: string;

  const uuidOf = (ref: string): string => String(gateway.xapi.getObjectByRef(ref).uuid);
  const probe = async (): Promise<string> => {
    const { type, deviceConfig } = underTest();
    return String(await gateway.xapi.call('SR.probe', refIn(gateway.xapi.pool, 'master'), deviceConfig, type, {}));
  };
  const content = async (vdi: string): Promise<string> => {
    const { body } = await gateway.xapi.getResource('/export_raw_vdi', { query: { vdi, format: 'raw' } });
    const hash = createHash('sha256');
    for await (const part of body) hash.update(part);
    // The last bytes are here before the server has put everything away.
    await told(gateway.xapi, 'VDI', { $ref: vdi, current_operations: {} });
    return hash.digest('hex');
  };
  const disksOf = (machine: string): string[] =>
    refsIn(gateway.xapi.getObjectByRef(machine), 'VBDs').map((vbd) => refIn(gateway.xapi.getObjectByRef(vbd), 'VDI'));

  beforeAll(async () => {
    before = await leftovers(gateway);
    traces = await underTest().traces();
  });

  it('is not found before it is there', async () => {
    expect(await probe()).not.toContain('<UUID>');
    expect(await underTest().traces()).toEqual(traces);
  });

  it('is made and attached, and a probe finds it', async () => {
    const { xapi } = gateway;
    const { type, deviceConfig, shared } = underTest();
    const host = refIn(xapi.pool, 'master');
    sr = String(await xapi.callAsync('SR.create', host, deviceConfig, 0, 'under test', '', type, 'user', shared, {}));
    const { uuid, physical_size } = await told(xapi, 'SR', { $ref: sr, type });
    expect(Number(physical_size)).toBeGreaterThan(100 * MiB);
    await told(xapi, 'PBD', { SR: sr, currently_attached: true });
    expect(await probe()).toMatch(new RegExp(`<UUID>\\s*${String(uuid)}\\s*</UUID>`));
  });

  it('takes the disk of a VM from another SR, and the VM boots from it', { timeout: BOOTS }, async () => {
    const { xapi, host, guest } = gateway;
    const local = onlyCached(xapi, 'SR', { name_label: 'Local storage' }).$ref;
    const image = join(imageDirectory(host), 'guest.qcow2');
    await copyFile(guest.disk, image);
    await xapi.callAsync('SR.scan', local);
    const found = await told(xapi, 'VDI', { SR: local, virtual_size: 64 * MiB });
    const vdi = String(await xapi.callAsync('VDI.copy', found.$ref, sr));
    await xapi.callAsync('VDI.destroy', found.$ref);
    await rm(image, { force: true });

    vm = await vmFromTemplate(xapi, 'on the SR under test');
    await addDrive(xapi, vm, vdi, '0');
    await addCard(xapi, vm, '0');
    await xapi.callAsync('VM.start', vm, false, false);
    await guestUp(xapi, vm);
    await writeInGuest(host, uuidOf(vm), FILE, 'at the snapshot');
  });

  it('has a snapshot of the running VM to which it goes back', { timeout: BOOTS }, async () => {
    const { xapi, host } = gateway;
    snapshot = String(await xapi.callAsync('VM.snapshot', vm, 'a snapshot'));
    await writeInGuest(host, uuidOf(vm), FILE, 'after the snapshot');
    expect(await readInGuest(host, uuidOf(vm), FILE)).toBe('after the snapshot');
    await xapi.callAsync('VM.revert', snapshot);
    await told(xapi, 'VM', { $ref: vm, power_state: 'Halted' });
    await xapi.callAsync('VM.start', vm, false, false);
    await guestUp(xapi, vm);
    expect(await readInGuest(host, uuidOf(vm), FILE)).toBe('at the snapshot');
  });

  it('is neither unplugged nor destroyed while the VM runs', async () => {
    const { xapi } = gateway;
    const pbd = onlyCached(xapi, 'PBD', { SR: sr }).$ref;
    await expect(xapi.callAsync('PBD.unplug', pbd)).rejects.toMatchObject({ code: 'VDI_IN_USE' });
    await expect(xapi.callAsync('SR.destroy', sr)).rejects.toThrow();
  });

  it('has a clone of the VM that goes its own way', { timeout: BOOTS }, async () => {
    const { xapi, host } = gateway;
    await xapi.callAsync('VM.clean_shutdown', vm);
    const [disk = ''] = disksOf(vm);
    const original = await content(disk);
    clone = String(await xapi.callAsync('VM.clone', vm, 'a clone'));
    await told(xapi, 'VM', { $ref: clone, power_state: 'Halted' });
    await xapi.callAsync('VM.start', clone, false, false);
    await guestUp(xapi, clone);
    expect(await readInGuest(host, uuidOf(clone), FILE)).toBe('at the snapshot');
    await writeInGuest(host, uuidOf(clone), FILE, 'of the clone');
    await xapi.callAsync('VM.clean_shutdown', clone);
    expect(await content(disk)).toBe(original);
  });

  it('keeps its disks when it is unplugged and plugged, and when the daemon crashes', async () => {
    const pbd = onlyCached(gateway.xapi, 'PBD', { SR: sr }).$ref;
    const count = cached(gateway.xapi, 'VDI', { SR: sr }).length;
    await gateway.xapi.callAsync('PBD.unplug', pbd);
    expect(await underTest().traces()).toMatchObject({ held: [] });
    await gateway.xapi.callAsync('PBD.plug', pbd);
    await gateway.crashAndStart();
    await told(gateway.xapi, 'PBD', { SR: sr, currently_attached: true });
    await gateway.xapi.callAsync('SR.scan', sr);
    expect(cached(gateway.xapi, 'VDI', { SR: sr, missing: false })).toHaveLength(count);
  });

  it('resizes disks, and takes and gives their content', async () => {
    const { xapi } = gateway;
    const vdi = await addVolume(xapi, sr, 'small', SMALL);
    const bytes = Buffer.alloc(SMALL);
    for (let at = 0; at < SMALL; at += 4 * MiB) bytes.write(`mark at ${at}`, at + 12_345);
    await xapi.putResource(bytes, '/import_raw_vdi', { query: { vdi, format: 'raw' } });
    expect(await content(vdi)).toBe(createHash('sha256').update(bytes).digest('hex'));
    await xapi.callAsync('VDI.resize', vdi, 2 * SMALL);
    await told(xapi, 'VDI', { $ref: vdi, virtual_size: 2 * SMALL });
    const grown = Buffer.concat([bytes, Buffer.alloc(SMALL)]);
    expect(await content(vdi)).toBe(createHash('sha256').update(grown).digest('hex'));
    await xapi.callAsync('VDI.destroy', vdi);
    await toldGone(xapi, 'VDI', { $ref: vdi });
  });

  it('goes with everything that was in it, and leaves nothing on the host', async () => {
    const { xapi } = gateway;
    for (const one of [snapshot, clone, vm]) await xapi.callAsync('VM.destroy', one);
    for (const { $ref } of cached(xapi, 'VDI', { SR: sr })) await xapi.callAsync('VDI.destroy', $ref);
    await xapi.callAsync('PBD.unplug', onlyCached(xapi, 'PBD', { SR: sr }).$ref);
    await xapi.callAsync('SR.destroy', sr);
    await toldGone(xapi, 'SR', { $ref: sr });
    expect(await probe()).not.toContain('<UUID>');
    expect(await underTest().traces()).toEqual(traces);
    expect(await leftovers(gateway)).toEqual(before);
  });
}
