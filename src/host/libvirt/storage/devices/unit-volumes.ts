import { isUnused } from './block-device.js';
import type { DeviceVolume } from './device-sr.js';
import type { LogicalUnit } from './logical-units.js';

/** Logical units as disks of VMs, without those that this host uses itself. `only`: the SCSI id of the one that is wanted. */
export async function unitVolumes(units: readonly LogicalUnit[], only = ''): Promise<readonly DeviceVolume[]> {
  const wanted = units.filter(({ size, scsiId }) => size > 0 && (only === '' || scsiId === only));
  const unused = await Promise.all(wanted.map(({ path }) => isUnused(path)));
  return wanted.filter((_, index) => unused[index]).map(asVolume);
}

function asVolume({ scsiId, path, paths, lun, vendor, serial, size, isReadOnly }: LogicalUnit): DeviceVolume {
  return {
    location: scsiId,
    path,
    aliases: [...paths.map((name) => `/dev/${name}`), `/dev/disk/by-id/scsi-${scsiId}`].filter((alias) => alias !== path),
    size,
    readOnly: isReadOnly,
    name: `LUN ${lun}`,
    description: [vendor, serial].filter(Boolean).join(' '),
    smConfig: new Map([
      ['SCSIid', scsiId],
      ['LUNid', String(lun)],
    ]),
  };
}
