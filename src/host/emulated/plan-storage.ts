import type { IsoOptions, SrOptions } from './layout.js';
import type { SrInput } from './plan-schema.js';
import { DRIVERS } from './storage/drivers.js';

const GIB = 2 ** 30;
const MIB = 2 ** 20;

/** A configuration with which each kind of SR can be made when the plan gives none; `number` keeps two apart. */
function defaultConfig(type: string, number: number): Readonly<Record<string, string>> {
  switch (type) {
    case 'lvm':
    case 'ext':
      return { device: `/dev/sd${String.fromCharCode('b'.charCodeAt(0) + (number % 24))}` };
    case 'nfs':
      return { server: '10.0.0.5', serverpath: `/export/vms${number}` };
    case 'smb':
      return { server: '\\\\10.0.0.5\\vms' };
    case 'lvmoiscsi':
      return { target: '10.0.0.6', targetIQN: 'iqn.2024-01.emulated.storage:target0', LUNid: String(number % 2) };
    case 'lvmohba':
      return { SCSIid: `36000000000000000e000000000009${String(number % 2).padStart(3, '0')}` };
    case 'iso':
      return { location: `10.0.0.5:/export/isos${number}`, type: 'nfs_iso' };
    case 'udev':
      return { location: '/dev/xapi/cd' };
    default:
      return { location: `/var/opt/storage${number}` };
  }
}

/** An SR of the plan. */
export function srOptions(sr: SrInput, number: number): SrOptions {
  const { type, name, description, shared, host, size, deviceConfig, isos } = sr;
  return {
    type,
    name,
    description,
    shared,
    ...(host === undefined ? {} : { host }),
    contentType: DRIVERS.get(type)?.contentType ?? 'user',
    size: size ?? 500 * GIB,
    deviceConfig: new Map(Object.entries(deviceConfig ?? defaultConfig(type, number))),
    isos,
    tools: false,
  };
}

const ISOS: readonly IsoOptions[] = [
  { name: 'debian-12.8.0-amd64-netinst.iso', description: '', size: 631 * MIB },
  { name: 'rocky-9.5-x86_64-minimal.iso', description: '', size: 1771 * MIB },
];

const TOOLS: IsoOptions = { name: 'guest-tools.iso', description: 'Drivers and tools for guests', size: 12 * MIB };

/**
 * SRs of a pool for which nobody gave any: what an installer makes, and `count` for disks, of which the first is on each
 * host and the others are shared. Disks: bytes that must fit.
 */
export function defaultSrs(count: number, disks: number): readonly SrOptions[] {
  const room = Math.max(500 * GIB, Math.ceil((2 * disks) / GIB) * GIB);
  const base = { description: '', contentType: 'user', shared: false, size: 0, isos: [], tools: false };
  const config = (values: Readonly<Record<string, string>>) => ({ deviceConfig: new Map(Object.entries(values)) });
  const local = { ...base, type: 'ext', name: 'Local storage', size: room, ...config({ device: '/dev/sda3' }) };
  const shared = Array.from({ length: Math.max(0, count - 1) }, (_, number): SrOptions => {
    const name = number === 0 ? 'NFS virtual disk storage' : `NFS virtual disk storage ${number + 1}`;
    return { ...base, type: 'nfs', name, shared: true, size: room, ...config(defaultConfig('nfs', number)) };
  });
  return [
    ...(count > 0 ? [local] : []),
    {
      ...base,
      type: 'udev',
      name: 'DVD drives',
      description: 'Physical DVD drives',
      contentType: 'iso',
      ...config({ location: '/dev/xapi/cd' }),
    },
    {
      ...base,
      type: 'udev',
      name: 'Removable storage',
      description: '',
      contentType: 'disk',
      ...config({ location: '/dev/xapi/block' }),
    },
    {
      ...base,
      type: 'iso',
      name: 'Guest tools',
      description: 'CD image with drivers and tools for guests',
      contentType: 'iso',
      shared: true,
      size: GIB,
      isos: [TOOLS],
      tools: true,
      ...config({ location: '/opt/xensource/packages/iso', legacy_mode: 'true' }),
    },
    {
      ...base,
      type: 'iso',
      name: 'ISO library',
      contentType: 'iso',
      shared: true,
      size: 100 * GIB,
      isos: ISOS,
      ...config(defaultConfig('iso', 0)),
    },
    ...shared,
  ];
}
