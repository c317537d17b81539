import { refusal } from '../storage-refusal.js';
import { driverXml, type Element } from './driver-xml.js';

// Clients of the original discover servers' offers by asking with too little and reading what the refusal lists.

/** An iSCSI target at an address. */
export interface FoundTarget {
  readonly address: string;
  readonly port: string;
  readonly iqn: string;
}

/** A logical unit. Size in bytes. */
export interface FoundLun {
  readonly lun: number;
  readonly scsiId: string;
  readonly vendor: string;
  readonly serial: string;
  readonly size: number;
}

/** A logical unit behind a host bus adapter, by one of its paths. */
export interface FoundBlockDevice extends FoundLun {
  readonly path: string;
  /** As the kernel calls it: `host0`. */
  readonly adapter: string;
  readonly channel: string;
  readonly id: string;
}

/** A host bus adapter. */
export interface FoundAdapter {
  readonly host: string;
  readonly name: string;
  readonly id: string;
}

/** A directory that an NFS server exports. */
export interface FoundExport {
  readonly path: string;
  /** Who may mount it, as the server says. */
  readonly access: string;
}

/** Refuses with the list of targets at an address. */
export function refuseWithTargets(targets: readonly FoundTarget[]): never {
  const found = targets.map(
    ({ address, port, iqn }, index): Element => [
      'TGT',
      [
        ['Index', String(index)],
        ['IPAddress', address],
        ['Port', port],
        ['TargetIQN', iqn],
      ],
    ],
  );
  throw refusal('noTargetIqn', 'The target IQN is missing or unknown', driverXml(['iscsi-target-iqns', found]));
}

/** Refuses with the list of logical units of a target. */
export function refuseWithLuns(luns: readonly FoundLun[]): never {
  const found = luns.map(
    (lun): Element => [
      'LUN',
      [
        ['vendor', lun.vendor],
        ['serial', lun.serial],
        ['LUNid', String(lun.lun)],
        ['size', String(lun.size)],
        ['SCSIid', lun.scsiId],
      ],
    ],
  );
  throw refusal('noScsiId', 'The SCSIid is missing or unknown', driverXml(['iscsi-target', found]));
}

/** Refuses with the list of block devices behind host bus adapters. */
export function refuseWithBlockDevices(devices: readonly FoundBlockDevice[], adapters: readonly FoundAdapter[]): never {
  const found = devices.map(
    (device): Element => [
      'BlockDevice',
      [
        ['path', device.path],
        ['SCSIid', device.scsiId],
        ['vendor', device.vendor],
        ['serial', device.serial],
        ['size', String(device.size)],
        ['adapter', device.adapter],
        ['channel', device.channel],
        ['id', device.id],
        ['lun', String(device.lun)],
      ],
    ],
  );
  const through = adapters.map(
    ({ host, name, id }): Element => [
      'Adapter',
      [
        ['host', host],
        ['name', name],
        ['id', id],
      ],
    ],
  );
  throw refusal('noDevice', 'The SCSIid is missing or unknown', driverXml(['Devlist', [...found, ...through]]));
}

/** Refuses with the paths that an NFS server exports. */
export function refuseWithExports(server: string, exports: readonly FoundExport[]): never {
  const found = exports.map(
    ({ path, access }): Element => [
      'Export',
      [
        ['Target', server],
        ['Path', path],
        ['Accesslist', access],
      ],
    ],
  );
  throw refusal('noServerPath', 'The serverpath is missing', driverXml(['nfs-exports', found]));
}
