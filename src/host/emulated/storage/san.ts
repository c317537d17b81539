import { refusal } from '../../storage-refusal.js';
import { driverXml, type Element } from './xml.js';

/** A logical unit that the emulated storage network offers. Size in bytes. */
export interface Lun {
  readonly lun: number;
  readonly scsiId: string;
  readonly serial: string;
  readonly size: number;
}

const GIB = 2 ** 30;
const VENDOR = 'EMULATED';

/** Names of the iSCSI targets that answer at every address. */
export const TARGETS: readonly string[] = ['iqn.2024-01.emulated.storage:target0', 'iqn.2024-01.emulated.storage:target1'];

/** The logical units behind a target or, without one, behind the Fibre Channel adapter. */
export function lunsOf(target: string | undefined): readonly Lun[] {
  const group = target === undefined ? 9 : TARGETS.indexOf(target);
  if (group < 0) return [];
  return [0, 1].map((lun) => ({
    lun,
    scsiId: `36000000000000000e0000000000${String(group).padStart(2, '0')}${String(lun).padStart(3, '0')}`,
    serial: `EMU${group}${lun}`,
    size: (lun + 1) * 500 * GIB,
  }));
}

/** Refuses with the list of targets at an address, which is how clients discover them. */
export function refuseWithTargets(address: string, port: string): never {
  const found = TARGETS.map(
    (iqn, index): Element => [
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
export function refuseWithLuns(target: string): never {
  const found = lunsOf(target).map(
    (lun): Element => [
      'LUN',
      [
        ['vendor', VENDOR],
        ['serial', lun.serial],
        ['LUNid', String(lun.lun)],
        ['size', String(lun.size)],
        ['SCSIid', lun.scsiId],
      ],
    ],
  );
  throw refusal('noScsiId', 'The SCSIid is missing or unknown', driverXml(['iscsi-target', found]));
}

/** Refuses with the list of block devices of the Fibre Channel adapter. */
export function refuseWithBlockDevices(): never {
  const found = lunsOf(undefined).map(
    (lun): Element => [
      'BlockDevice',
      [
        ['path', `/dev/disk/by-id/scsi-${lun.scsiId}`],
        ['SCSIid', lun.scsiId],
        ['vendor', VENDOR],
        ['serial', lun.serial],
        ['size', String(lun.size)],
        ['adapter', 'host0'],
        ['channel', '0'],
        ['id', '0'],
        ['lun', String(lun.lun)],
      ],
    ],
  );
  const adapter: Element = [
    'Adapter',
    [
      ['host', 'host0'],
      ['name', 'emulated'],
      ['id', '0'],
    ],
  ];
  throw refusal('noDevice', 'The SCSIid is missing or unknown', driverXml(['Devlist', [...found, adapter]]));
}

/** Refuses with the paths that an NFS server exports. */
export function refuseWithExports(server: string): never {
  const found = ['/export/vms', '/export/isos'].map(
    (path): Element => [
      'Export',
      [
        ['Target', server],
        ['Path', path],
        ['Accesslist', '*'],
      ],
    ],
  );
  throw refusal('noServerPath', 'The serverpath is missing', driverXml(['nfs-exports', found]));
}
