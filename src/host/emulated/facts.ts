import type { CpuFacts, HostFacts, PciFacts, UsbFacts } from '../host.js';
import { hash32 } from './random.js';

const MIB = 2 ** 20;

/** Feature words of the emulated processor, as `cpu_info` shows them. */
const FEATURES = '1fcbfbff-f7fa3223-2d93fbff-00000523-00000001-000007ab-00000000-00000000-00001000-0c000004';

const FLAGS =
  'fpu de tsc msr pae mce cx8 apic sep mca cmov pat clflush acpi mmx fxsr sse sse2 ht syscall nx lm constant_tsc rep_good nopl ' +
  'nonstop_tsc pni pclmulqdq monitor est ssse3 fma cx16 sse4_1 sse4_2 movbe popcnt aes xsave avx f16c rdrand hypervisor lahf_lm abm ' +
  '3dnowprefetch fsgsbase bmi1 avx2 bmi2 erms rtm rdseed adx xsaveopt';

/** Sockets, cores and threads of an emulated processor. */
export interface CpuShape {
  readonly sockets: number;
  readonly coresPerSocket: number;
  readonly threadsPerCore: number;
}

function cpuFacts(shape: CpuShape): CpuFacts {
  return {
    vendor: 'GenuineIntel',
    model: 'Intel(R) Xeon(R) Silver 4214R CPU @ 2.40GHz',
    speedMhz: 2394,
    family: 6,
    modelNumber: 85,
    stepping: 7,
    flags: FLAGS,
    features: FEATURES,
    ...shape,
  };
}

function pci(
  id: string,
  classId: string,
  className: string,
  vendor: readonly [string, string],
  device: readonly [string, string],
  driver: string,
): PciFacts {
  return {
    id,
    classId,
    className,
    vendorId: vendor[0],
    vendorName: vendor[1],
    deviceId: device[0],
    deviceName: device[1],
    subsystemVendorName: 'Dell',
    subsystemDeviceName: 'PowerEdge R640',
    driver,
    gpu: classId === '0300' || classId === '0302',
  };
}

const INTEL = ['8086', 'Intel Corporation'] as const;
const NVIDIA = ['10de', 'NVIDIA Corporation'] as const;
const MATROX = ['102b', 'Matrox Electronics Systems Ltd.'] as const;
const LSI = ['1000', 'Broadcom / LSI'] as const;
const NIC = ['1521', 'I350 Gigabit Network Connection'] as const;

/** Bus path of the network card with that number. */
export function nicBusPath(index: number): string {
  return `0000:04:00.${index}`;
}

/** What the card of an emulated network interface is. */
export const NIC_FACTS = { vendorId: INTEL[0], vendorName: INTEL[1], deviceId: NIC[0], deviceName: NIC[1] };

function pciFacts(nics: number): readonly PciFacts[] {
  return [
    pci('0000:00:11.5', '0106', 'SATA controller', INTEL, ['a1d2', 'C620 Series Chipset Family SSATA Controller'], 'ahci'),
    pci(
      '0000:03:00.0',
      '0300',
      'VGA compatible controller',
      MATROX,
      ['0536', 'Integrated Matrox G200eW3 Graphics Controller'],
      'mgag200',
    ),
    ...Array.from({ length: nics }, (_, index) => pci(nicBusPath(index), '0200', 'Ethernet controller', INTEL, NIC, 'igb')),
    pci('0000:3b:00.0', '0104', 'RAID bus controller', LSI, ['0016', 'MegaRAID Tri-Mode SAS3508'], 'megaraid_sas'),
    pci('0000:5e:00.0', '0302', '3D controller', NVIDIA, ['1eb8', 'TU104GL [Tesla T4]'], 'nvidia'),
  ];
}

const USBS: readonly UsbFacts[] = [
  {
    path: '1-2',
    vendorId: '0781',
    vendorName: 'SanDisk Corp.',
    productId: '5581',
    productName: 'Ultra',
    serial: '4C530001230219115084',
    version: '2.10',
    speedMbit: 480,
  },
];

function biosStrings(serial: string): ReadonlyMap<string, string> {
  return new Map([
    ['bios-vendor', 'Dell Inc.'],
    ['bios-version', '2.19.1'],
    ['system-manufacturer', 'Dell Inc.'],
    ['system-product-name', 'PowerEdge R640'],
    ['system-version', ''],
    ['system-serial-number', serial],
    ['baseboard-manufacturer', 'Dell Inc.'],
    ['baseboard-product-name', '0H28RR'],
    ['baseboard-version', 'A04'],
    ['baseboard-serial-number', `.${serial}.`],
    ['oem-1', 'Dell System'],
    ['oem-2', '5[0000]'],
    ['hp-rombios', ''],
  ]);
}

/** What tells one emulated host from another. Memory in bytes, start in milliseconds since the epoch. */
export interface HostShape {
  readonly uuid: string;
  readonly name: string;
  readonly hostname: string;
  readonly address: string;
  readonly managementDevice: string;
  readonly memory: number;
  readonly controlDomainMemory: number;
  readonly cpu: CpuShape;
  readonly nics: number;
}

/** Memory of the control domain: what an installer gives it on a host of that size. */
export function controlDomainMemory(memory: number): number {
  const wanted = Math.round((1024 * MIB + memory * 0.05) / MIB) * MIB;
  return Math.min(wanted, 8192 * MIB, Math.floor(memory / 4));
}

/** The facts of an emulated host: a common server with a graphics card for guests and a stick in a USB port. */
export function hostFacts(shape: HostShape, bootedAt: number): HostFacts {
  const serial = hash32(shape.uuid).toString(36).toUpperCase().padStart(7, '0').slice(0, 7);
  return {
    uuid: shape.uuid,
    hostname: shape.hostname,
    name: shape.name,
    address: shape.address,
    managementDevice: shape.managementDevice,
    memoryTotal: shape.memory,
    memoryOverhead: Math.round(shape.memory / 128 / MIB) * MIB + 96 * MIB,
    controlDomainMemory: shape.controlDomainMemory,
    cpu: cpuFacts(shape.cpu),
    pcis: pciFacts(shape.nics),
    usbs: USBS,
    bios: biosStrings(serial),
    chipset: new Map([['iommu', 'true']]),
    iscsiIqn: `iqn.2024-01.emulated.host:${shape.uuid.slice(0, 8)}`,
    bootedAt: Math.floor(bootedAt / 1000),
  };
}
