import { ApiError } from '../../../model/error.js';
import { devicesOf, portalOf, serverOf } from '../../sr-types/device-config.js';
import { MEDIA_FEATURES, THICK_FEATURES, THIN_FEATURES } from '../../sr-types/features.js';
import { refuseWithBlockDevices, refuseWithExports, refuseWithLuns, refuseWithTargets } from '../../sr-types/findings.js';
import { SR_TYPES, type SrType, type SrTypeFacts } from '../../sr-types/sr-types.js';
import type { StorageDriver } from '../../storage.js';
import { refusal } from '../../storage-refusal.js';
import { ADAPTERS, EXPORTS, fibreChannelDevices, lunsOf, TARGETS, targetsAt } from './san.js';

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

function needLocation(config: Config): void {
  const location = config.get('location') ?? '';
  if (location === '') throw refusal('noLocation', 'The location parameter is missing');
}

function needShare(config: Config): void {
  const share = config.get('server') ?? '';
  if (share === '') throw refusal('noServer', 'The server parameter is missing');
  if (!/^[\w.:\\/[\]-]+$/.test(share)) throw refusal('badParameter', 'The server parameter is no share');
}

function needExport(config: Config): void {
  const server = serverOf(config);
  const path = config.get('serverpath') ?? '';
  if (path === '') refuseWithExports(server, EXPORTS);
  if (!path.startsWith('/')) throw refusal('nfsMount', `${path} cannot be mounted: it is no absolute path`);
}

function needLun(config: Config): void {
  const { target: address, port } = portalOf(config);
  const target = config.get('targetIQN') ?? '';
  if (!TARGETS.includes(target)) refuseWithTargets(targetsAt(address, port));
  const luns = lunsOf(target);
  if (!luns.some((lun) => lun.scsiId === config.get('SCSIid') || String(lun.lun) === config.get('LUNid'))) refuseWithLuns(luns);
}

function needFibreChannelLun(config: Config): void {
  const devices = fibreChannelDevices();
  if (!devices.some((device) => device.scsiId === config.get('SCSIid'))) refuseWithBlockDevices(devices, ADAPTERS);
}

interface Definition extends Partial<SrTypeFacts> {
  readonly features: readonly string[];
  readonly check: (config: Config) => void;
  readonly place: readonly string[];
  readonly thick?: boolean;
  readonly appears?: boolean;
}

const NOTHING: SrTypeFacts = { name: '', description: '', configuration: {}, contentType: 'user', shareable: false };

function driver(type: string, definition: Definition): EmulatedDriver {
  const facts = { ...NOTHING, ...definition };
  return {
    thick: false,
    appears: false,
    ...facts,
    type,
    vendor: 'Emulated host',
    version: '1.0',
    configuration: new Map(Object.entries(facts.configuration)),
    writable: definition.features.includes('VDI_CREATE'),
    snapshots: definition.features.includes('VDI_SNAPSHOT'),
  };
}

/** A kind of SR that real hosts have too. */
function known(type: SrType, definition: Definition): EmulatedDriver {
  return driver(type, { ...SR_TYPES[type], ...definition });
}

const needDevice = (config: Config): void => void devicesOf(config);

/** The kinds of SR that an emulated host serves. */
export const DRIVERS: ReadonlyMap<string, EmulatedDriver> = new Map(
  [
    known('lvm', { features: THICK_FEATURES, check: needDevice, place: ['device'], thick: true }),
    known('ext', { features: THIN_FEATURES, check: needDevice, place: ['device'] }),
    known('file', { features: THIN_FEATURES, check: needLocation, place: ['location'] }),
    known('nfs', { features: THIN_FEATURES, check: needExport, place: ['server', 'serverpath'] }),
    known('smb', { features: THIN_FEATURES, check: needShare, place: ['server', 'serverpath'] }),
    known('lvmoiscsi', { features: [...THICK_FEATURES, 'SR_METADATA'], check: needLun, place: ['SCSIid'], thick: true }),
    known('lvmohba', {
      features: [...THICK_FEATURES, 'SR_METADATA'],
      check: needFibreChannelLun,
      place: ['SCSIid'],
      thick: true,
    }),
    known('iso', {
      features: [...MEDIA_FEATURES, 'VDI_CREATE', 'VDI_DELETE', 'VDI_GENERATE_CONFIG'],
      check: needLocation,
      place: ['location'],
      appears: true,
    }),
    known('udev', {
      features: ['VDI_INTRODUCE', 'VDI_ATTACH', 'VDI_DETACH', 'VDI_UPDATE', 'SR_UPDATE'],
      check: needLocation,
      place: ['location'],
      appears: true,
    }),
    driver('dummy', {
      name: 'Dummy',
      description: 'For tests of clients: takes any configuration and any size',
      features: THIN_FEATURES,
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
    features: THIN_FEATURES,
    check: () => undefined,
    place: [],
    shareable: true,
  });
}
