import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cpuFacts } from './cpu.js';
import { featureWords } from './cpu-features.js';
import { biosFacts, chipsetFacts } from './firmware.js';
import { totalMemory } from './host-facts.js';
import { pciFacts } from './pci.js';
import { PseudoFiles } from './pseudo-files.js';
import { usbFacts } from './usb.js';

let root: string;
let files: PseudoFiles;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'host-facts-'));
  files = new PseudoFiles(root);
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), `${text}\n`);
}

function processor(number: number, socket: number, core: number): string {
  return [
    `processor\t: ${number}`,
    'vendor_id\t: GenuineIntel',
    'cpu family\t: 6',
    'model\t\t: 85',
    'model name\t: Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz',
    'stepping\t: 4',
    'cpu MHz\t\t: 2100.000',
    `physical id\t: ${socket}`,
    `core id\t\t: ${core}`,
    'flags\t\t: fpu vme sse2 nx lm vmx fsgsbase',
  ].join('\n');
}

describe('processors', () => {
  it('are counted by sockets, cores and threads', async () => {
    const all = [0, 1].flatMap((socket) => [0, 0, 1, 1].map((core, i) => processor(socket * 4 + i, socket, core)));
    await put('/proc/cpuinfo', all.join('\n\n'));
    expect(await cpuFacts(files)).toMatchObject({
      vendor: 'GenuineIntel',
      model: 'Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz',
      speedMhz: 2100,
      family: 6,
      modelNumber: 85,
      stepping: 4,
      sockets: 2,
      coresPerSocket: 2,
      threadsPerCore: 2,
    });
  });

  it('of a host with cores of two kinds are all counted', async () => {
    await put('/proc/cpuinfo', [processor(0, 0, 0), processor(1, 0, 0), processor(2, 0, 1)].join('\n\n'));
    expect(await cpuFacts(files)).toMatchObject({ sockets: 1, coresPerSocket: 3, threadsPerCore: 1 });
  });

  it('have their flags in words, at the places that manuals give them', () => {
    // Leaf 1: EDX bit 0 and 26; ECX bit 5. Extended: EDX bit 20 and 29. Leaf 7: EBX bit 0 and 31.
    expect(featureWords(['fpu', 'sse2', 'vmx', 'nx', 'lm', 'fsgsbase', 'avx512vl', 'no_such_flag'])).toBe(
      '04000001-00000020-20100000-00000000-00000000-80000001',
    );
  });
});

describe('devices', () => {
  const device = async (id: string, kind: string, vendor: string, model: string): Promise<void> => {
    const at = `/sys/bus/pci/devices/${id}`;
    await put(`${at}/class`, `0x${kind}`);
    await put(`${at}/vendor`, `0x${vendor}`);
    await put(`${at}/device`, `0x${model}`);
    await put(`${at}/subsystem_vendor`, `0x${vendor}`);
    await put(`${at}/subsystem_device`, '0x0001');
  };

  it('on PCI have names where the host knows them, and bridges are left out', async () => {
    await device('0000:00:00.0', '060000', '8086', '1237');
    await device('0000:00:02.0', '030000', '10de', '1eb8');
    await device('0000:00:03.0', '020000', '8086', '1521');
    await symlink('../../../drivers/igb', join(root, '/sys/bus/pci/devices/0000:00:03.0/driver'));
    await put(
      '/usr/share/misc/pci.ids',
      '# comment\n8086  Intel Corporation\n\t1521  I350\n\t\t8086 0001  Variant\nC 02  Network\n\t00  Ethernet',
    );
    const found = await pciFacts(files);
    expect(found).toEqual([
      expect.objectContaining({
        id: '0000:00:02.0',
        vendorName: '10de',
        deviceName: '1eb8',
        gpu: true,
        className: '0300',
        driver: '',
      }),
      expect.objectContaining({
        id: '0000:00:03.0',
        vendorName: 'Intel Corporation',
        deviceName: 'I350',
        className: 'Ethernet',
        driver: 'igb',
        gpu: false,
      }),
    ]);
  });

  it('on USB are those that a guest could be given', async () => {
    await put('/sys/bus/usb/devices/usb1/idVendor', '1d6b');
    await put('/sys/bus/usb/devices/1-1/bDeviceClass', '09');
    await put('/sys/bus/usb/devices/1-1.2/bDeviceClass', '00');
    await put('/sys/bus/usb/devices/1-1.2/idVendor', '0951');
    await put('/sys/bus/usb/devices/1-1.2/idProduct', '1666');
    await put('/sys/bus/usb/devices/1-1.2/product', 'DataTraveler 3.0');
    await put('/sys/bus/usb/devices/1-1.2/speed', '480');
    await put('/sys/bus/usb/devices/1-1.2:1.0/bInterfaceClass', '08');
    expect(await usbFacts(files)).toEqual([
      expect.objectContaining({ path: '1-1.2', vendorId: '0951', productName: 'DataTraveler 3.0', serial: '', speedMbit: 480 }),
    ]);
  });
});

describe('firmware and memory', () => {
  it('are what the kernel tells', async () => {
    await put('/sys/class/dmi/id/sys_vendor', 'Dell Inc.');
    await put('/sys/class/dmi/id/product_serial', 'SECRET');
    await put('/sys/kernel/iommu_groups/0/type', 'DMA');
    await put('/proc/meminfo', 'MemTotal:       24683548 kB\nMemFree:  1 kB');
    expect(await biosFacts(files)).toEqual(new Map([['system-manufacturer', 'Dell Inc.']]));
    expect(await chipsetFacts(files)).toEqual(new Map([['iommu', 'true']]));
    expect(await totalMemory(files)).toBe(24683548 * 1024);
  });

  it('are empty on a machine that tells nothing', async () => {
    expect(await biosFacts(files)).toEqual(new Map());
    expect(await chipsetFacts(files)).toEqual(new Map([['iommu', 'false']]));
    expect(await pciFacts(files)).toEqual([]);
    expect(await cpuFacts(files)).toMatchObject({ sockets: 1, coresPerSocket: 1, threadsPerCore: 1 });
  });
});
