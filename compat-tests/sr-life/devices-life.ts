import { beforeAll, expect } from 'vitest';
import { cached, onlyCached, told, toldGone } from '../kvm/support/client-cache.js';
import { addDrive, vmFromTemplate } from '../kvm/support/virtual-machine.js';
import { contentOf, newSr } from './calls.js';
import type { SrGateway, SrUnderTest } from './sr-gateway.js';
import { BOOT_STEP, steps } from './steps.js';

const FILE = '/mnt/mark';

/** An SR that shows what is there as it is. `shown` are fields of the one VDI of it that is used. */
export interface ShownSr {
  readonly underTest: () => SrUnderTest;
  readonly shown: () => Readonly<Record<string, unknown>>;
}

/**
 * The life of SRs that show devices and CDs as they are, of all together with one VM: it boots from the first device, has the others as its next disks, and the CD in its drive.
 * There are no snapshots, and what was written stays when the SRs go.
 */
export function devicesLife(
  gateway: SrGateway,
  devices: readonly [ShownSr, ...ShownSr[]],
  cd: ShownSr & { readonly begins: string },
): void {
  const step = steps();
  const all = [...devices, cd];
  const mark = (index: number): string => `written inside on device ${index}`;
  let before: unknown;
  let vm: string;
  /** SRs and what they show, in the order of `all`. */
  const srs: string[] = [];
  const vdis: string[] = [];

  const pbds = (): string[] => srs.map((sr) => onlyCached(gateway.xapi, 'PBD', { SR: sr }).$ref);
  const uuid = (): string => String(gateway.xapi.getObjectByRef(vm).uuid);
  const held = async (): Promise<readonly string[]> => (await Promise.all(all.map(({ underTest }) => underTest().held()))).flat();

  beforeAll(async () => {
    before = await gateway.leftovers();
  }, BOOT_STEP);

  step('show what is there when they are made', async () => {
    for (const { underTest, shown } of all) {
      const sr = await newSr(gateway, underTest());
      srs.push(sr);
      vdis.push((await told(gateway.xapi, 'VDI', { SR: sr, ...shown() }, gateway.soon)).$ref);
    }
  });

  step('a device takes the content of a disk, and a VM boots from it', async () => {
    const { xapi } = gateway;
    const [first = ''] = vdis;
    await xapi.putResource(await gateway.guestImage(), '/import_raw_vdi', { query: { vdi: first, format: 'qcow2' } });
    vm = await vmFromTemplate(xapi, 'on devices');
    for (const [index, vdi] of vdis.entries()) {
      await addDrive(xapi, vm, vdi, `${index}`, index < devices.length ? 'Disk' : 'CD');
    }
    await gateway.furnish(vm);
    await xapi.callAsync('VM.start', vm, false, false);
    await gateway.guestUp(vm);
  });

  step('the VM writes to its disks', async () => {
    await gateway.write(uuid(), FILE, mark(0));
    expect(await gateway.read(uuid(), FILE)).toBe(mark(0));
    for (const [index] of devices.entries()) {
      if (index === 0) continue;
      const disk = `/dev/vd${String.fromCharCode(97 + index)}`;
      await gateway.write(uuid(), disk, mark(index));
      expect((await gateway.read(uuid(), disk)).slice(0, mark(index).length)).toBe(mark(index));
    }
  });

  step('have no snapshots, and stay as long as the VM runs', async () => {
    const { xapi } = gateway;
    await expect(xapi.callAsync('VM.snapshot', vm, 'a snapshot')).rejects.toMatchObject({ code: 'SR_OPERATION_NOT_SUPPORTED' });
    for (const pbd of pbds()) await expect(xapi.callAsync('PBD.unplug', pbd)).rejects.toMatchObject({ code: 'VDI_IN_USE' });
  });

  step('give what the VM has written, also after they were unplugged and plugged', async () => {
    const { xapi, soon } = gateway;
    await xapi.callAsync('VM.clean_shutdown', vm);
    await told(xapi, 'VM', { $ref: vm, power_state: 'Halted' }, soon);
    const contents: Buffer[] = [];
    for (const [index] of devices.entries()) contents.push(await contentOf(gateway, vdis[index] ?? ''));
    for (const [index, content] of contents.entries()) expect(content.includes(mark(index)), mark(index)).toBe(true);
    const image = await contentOf(gateway, vdis.at(-1) ?? '');
    expect(image.toString('latin1', 0, cd.begins.length)).toBe(cd.begins);
    for (const pbd of pbds()) await xapi.callAsync('PBD.unplug', pbd);
    expect(await held()).toEqual([]);
    for (const pbd of pbds()) await xapi.callAsync('PBD.plug', pbd);
    for (const [index, content] of contents.entries()) {
      expect((await contentOf(gateway, vdis[index] ?? '')).equals(content), mark(index)).toBe(true);
    }
  });

  step('go, and leave nothing on the host', async () => {
    const { xapi, soon } = gateway;
    await xapi.callAsync('VM.destroy', vm);
    for (const pbd of pbds()) await xapi.callAsync('PBD.unplug', pbd);
    for (const sr of srs) {
      await xapi.callAsync('SR.forget', sr);
      await toldGone(xapi, 'SR', { $ref: sr }, soon);
      expect(cached(xapi, 'VDI', { SR: sr })).toEqual([]);
    }
    expect(await held()).toEqual([]);
    expect(await gateway.leftovers()).toEqual(before);
  });
}
