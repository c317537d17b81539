import type { FoundBlockDevice } from '../../../sr-types/findings.js';
import type { Disk } from './disks.js';

/** A logical unit of a storage network, by all of its paths. */
export interface LogicalUnit extends FoundBlockDevice {
  /** What to use of it: the multipath device where there is one, else its first path. */
  readonly path: string;
  /** Names in /dev of its paths. */
  readonly paths: readonly string[];
  readonly isReadOnly: boolean;
}

/** The logical units that disks are paths of, in the order in which they were found. What has no SCSI id is none. */
export function logicalUnits(disks: readonly Disk[]): readonly LogicalUnit[] {
  const units = new Map<string, LogicalUnit>();
  for (const { id, name, scsi, kind, multipath, vendor, serial, size, isReadOnly } of disks) {
    if (id === undefined || scsi === undefined || kind !== 'disk') continue;
    const known = units.get(id);
    const path = multipath === undefined ? (known?.path ?? `/dev/${name}`) : `/dev/mapper/${multipath}`;
    units.set(id, {
      ...(known ?? {
        scsiId: id,
        vendor,
        serial,
        size,
        lun: scsi.lun,
        adapter: `host${scsi.host}`,
        channel: scsi.channel,
        id: scsi.target,
        isReadOnly,
      }),
      path,
      paths: [...(known?.paths ?? []), name],
    });
  }
  return [...units.values()];
}
