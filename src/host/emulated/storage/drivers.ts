import { ApiError } from '../../../model/error.js';
import type { StorageDriver } from '../../storage.js';
import { refusal } from '../../storage-refusal.js';
import { lunsOf, refuseWithBlockDevices, refuseWithExports, refuseWithLuns, refuseWithTargets, TARGETS } from './san.js';

type Config = ReadonlyMap<string, string>;

/** A kind of SR with what the emulator needs to know of it. */
export interface EmulatedDriver extends StorageDriver {
  /** Whether a volume takes its whole size at once. */
  readonly thick: boolean;
  /** Whether a volume may be made, changed and destroyed. */
  readonly writable: boolean;
  readonly snapshots: boolean;
  /** Whether plugging makes the SR when it is not there: kinds that keep nothing of their own on the medium. */
  readonly appears: boolean;
  /** Checks what tells where the SR is; throws the driver's refusal. */
  check(config: Config): void;
  /** Keys that tell where the SR is, to find it again by a probe. Never secrets. */
  readonly place: readonly string[];
}

const READS = ['SR_PROBE', 'SR_UPDATE', 'VDI_ATTACH', 'VDI_DETACH'];
const WRITES = ['VDI_CREATE', 'VDI_DELETE', 'VDI_UPDATE', 'VDI_GENERATE_CONFIG'];
const DISKS = [
  ...READS,
  ...WRITES,
  'VDI_INTRODUCE',
  'VDI_RESIZE',
  'VDI_RESIZE_ONLINE',
  'VDI_SNAPSHOT',
  'VDI_CLONE',
  'VDI_REVERT',
  'VDI_MIRROR',
  'VDI_RESET_ON_BOOT',
  'VDI_CONFIG_CBT',
  'LARGE_VDI',
];
const THIN = [...DISKS, 'THIN_PROVISIONING'];

const DEVICE = { device: 'path of the local block device, e.g. /dev/sdb' };
const TARGET = {
  target: 'address or host name of the iSCSI target',
  port: 'its port, 3260 by default',
  targetIQN: 'name of the target',
  SCSIid: 'SCSI id of the logical unit',
  chapuser: 'user name for CHAP',
  chappassword: 'password for CHAP',
};

function needDevice(config: Config): void {
  const device = config.get('device') ?? '';
  if (device === '') throw refusal('noDevice', 'The device parameter is missing');
  if (!/^(\/dev\/[\w./:-]+,?)+$/.test(device) || device.includes('..')) {
    throw refusal('badParameter', `${device} is no block device`);
  }
}

function needLocation(config: Config): void {
  const location = config.get('location') ?? '';
  if (location === '') throw refusal('noLocation', 'The location parameter is missing');
}

function needServer(config: Config): string {
  const server = config.get('server') ?? '';
  if (server === '') throw refusal('noServer', 'The server parameter is missing');
  if (!/^[\w.:\\/[\]-]+$/.test(server)) throw refusal('badParameter', 'The server parameter is no address');
  return server;
}

function needExport(config: Config): void {
  const server = needServer(config);
  const path = config.get('serverpath') ?? '';
  if (path === '') refuseWithExports(server);
  if (!path.startsWith('/')) throw refusal('nfsMount', `${path} cannot be mounted: it is no absolute path`);
}

function needLun(config: Config): void {
  const address = config.get('target') ?? '';
  if (address === '') throw refusal('noTarget', 'The target parameter is missing');
  const target = config.get('targetIQN') ?? '';
  if (!TARGETS.includes(target)) refuseWithTargets(address, config.get('port') || '3260');
  const luns = lunsOf(target);
  if (!luns.some((lun) => lun.scsiId === config.get('SCSIid') || String(lun.lun) === config.get('LUNid'))) refuseWithLuns(target);
}

function needFibreChannelLun(config: Config): void {
  if (!lunsOf(undefined).some((lun) => lun.scsiId === config.get('SCSIid'))) refuseWithBlockDevices();
}

interface Definition {
  readonly name: string;
  readonly description: string;
  readonly configuration: Readonly<Record<string, string>>;
  readonly features: readonly string[];
  readonly check: (config: Config) => void;
  readonly place: readonly string[];
  readonly contentType?: string;
  readonly shareable?: boolean;
  readonly thick?: boolean;
  readonly appears?: boolean;
}

function driver(type: string, definition: Definition): EmulatedDriver {
  return {
    contentType: 'user',
    shareable: false,
    thick: false,
    appears: false,
    ...definition,
    type,
    vendor: 'Emulated host',
    version: '1.0',
    configuration: new Map(Object.entries(definition.configuration)),
    writable: definition.features.includes('VDI_CREATE'),
    snapshots: definition.features.includes('VDI_SNAPSHOT'),
  };
}

/** The kinds of SR that an emulated host serves. */
export const DRIVERS: ReadonlyMap<string, EmulatedDriver> = new Map(
  [
    driver('lvm', {
      name: 'Local LVM',
      description: 'Logical volumes on a local disk',
      configuration: DEVICE,
      features: DISKS,
      check: needDevice,
      place: ['device'],
      thick: true,
    }),
    driver('ext', {
      name: 'Local ext',
      description: 'Files on a local disk with an ext file system',
      configuration: DEVICE,
      features: THIN,
      check: needDevice,
      place: ['device'],
    }),
    driver('file', {
      name: 'Local directory',
      description: 'Files in a directory of the host',
      configuration: { location: 'path of the directory' },
      features: THIN,
      check: needLocation,
      place: ['location'],
    }),
    driver('nfs', {
      name: 'NFS',
      description: 'Files on an NFS server',
      configuration: {
        server: 'address or host name of the server',
        serverpath: 'exported path',
        nfsversion: 'version of the protocol, 3 or 4',
        options: 'further mount options',
      },
      features: THIN,
      check: needExport,
      place: ['server', 'serverpath'],
      shareable: true,
    }),
    driver('smb', {
      name: 'SMB',
      description: 'Files on an SMB server',
      configuration: { server: 'share, e.g. \\\\server\\share', username: 'user name', password: 'password' },
      features: THIN,
      check: needServer,
      place: ['server', 'serverpath'],
      shareable: true,
    }),
    driver('lvmoiscsi', {
      name: 'LVM over iSCSI',
      description: 'Logical volumes on an iSCSI logical unit',
      configuration: TARGET,
      features: [...DISKS, 'SR_METADATA'],
      check: needLun,
      place: ['SCSIid'],
      shareable: true,
      thick: true,
    }),
    driver('lvmohba', {
      name: 'LVM over Fibre Channel',
      description: 'Logical volumes on a logical unit behind a host bus adapter',
      configuration: { SCSIid: 'SCSI id of the logical unit' },
      features: [...DISKS, 'SR_METADATA'],
      check: needFibreChannelLun,
      place: ['SCSIid'],
      shareable: true,
      thick: true,
    }),
    driver('iso', {
      name: 'ISO library',
      description: 'CD images on a file server or in a directory',
      configuration: { location: 'path, or server and path', type: 'cifs or nfs_iso; without it an NFS path or a directory' },
      features: [...READS, ...WRITES],
      check: needLocation,
      place: ['location'],
      contentType: 'iso',
      shareable: true,
      appears: true,
    }),
    driver('udev', {
      name: 'Host devices',
      description: 'Removable media and drives of the host',
      configuration: { location: 'path of the directory of devices' },
      features: ['VDI_INTRODUCE', 'VDI_ATTACH', 'VDI_DETACH', 'VDI_UPDATE', 'SR_UPDATE'],
      check: needLocation,
      place: ['location'],
      contentType: 'disk',
      appears: true,
    }),
    driver('dummy', {
      name: 'Dummy',
      description: 'For tests of clients: takes any configuration and any size',
      configuration: {},
      features: THIN,
      check: () => undefined,
      place: [],
      shareable: true,
      appears: true,
    }),
  ].map((one) => [one.type, one]),
);

/** The driver of a type; throws SR_UNKNOWN_DRIVER. */
export function driverOf(type: string): EmulatedDriver {
  const found = DRIVERS.get(type);
  if (found === undefined) throw new ApiError('SR_UNKNOWN_DRIVER', type);
  return found;
}

/** The driver of a kind of SR that is only known from a pool elsewhere: files, for whatever that pool had there. */
export function adoptedDriver(type: string): EmulatedDriver {
  return driver(type, {
    name: type,
    description: 'Stands for storage of a pool that was loaded from a dump',
    configuration: {},
    features: THIN,
    check: () => undefined,
    place: [],
    shareable: true,
  });
}
