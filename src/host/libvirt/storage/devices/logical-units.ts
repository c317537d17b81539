import type { FoundBlockDevice } from '../../../sr-types/findings.js';
import type { Disk } from './disks.js';

/** A logical unit of a storage network, by all of its paths. */
export interface LogicalUnit extends FoundBlockDevice {
  /** What to use of it: the multipath device where there is one, else its first path. */
  readonly path: string;
  /** Names in /dev of its paths. */
  readonly paths: readonly string[];
  /** How many of them are parts of the multipath device. */
  readonly joined: number;
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
      joined: (known?.joined ?? 0) + (multipath === undefined ? 0 : 1),
    });
  }
  return [...units.values()];
}

/** Where the names of multipath devices are devices themselves. */
const MAPPER = '/dev/mapper/';

/** Name of the multipath device that a unit is; undefined where it is none. */
export function multipathOf({ path }: LogicalUnit): string | undefined {
  return path.startsWith(MAPPER) ? path.slice(MAPPER.length) : undefined;
}

/** SCSI ids of the units that are multipath devices. */
export function multipathIds(units: readonly LogicalUnit[]): readonly string[] {
  return units.flatMap((unit) => (multipathOf(unit) === undefined ? [] : [unit.scsiId]));
}
