import type { FoundBlockDevice, FoundExport, FoundLun, FoundTarget } from '../../sr-types/findings.js';

const GIB = 2 ** 30;
const VENDOR = 'EMULATED';

/** Names of the iSCSI targets that answer at every address. */
export const TARGETS: readonly string[] = ['iqn.2024-01.emulated.storage:target0', 'iqn.2024-01.emulated.storage:target1'];

/** The logical units behind a target or, without one, behind the Fibre Channel adapter. */
export function lunsOf(target: string | undefined): readonly FoundLun[] {
  const group = target === undefined ? 9 : TARGETS.indexOf(target);
  if (group < 0) return [];
  return [0, 1].map((lun) => ({
    lun,
    vendor: VENDOR,
    scsiId: `36000000000000000e0000000000${String(group).padStart(2, '0')}${String(lun).padStart(3, '0')}`,
    serial: `EMU${group}${lun}`,
    size: (lun + 1) * 500 * GIB,
  }));
}

/** The targets at an address. */
export function targetsAt(address: string, port: string): readonly FoundTarget[] {
  return TARGETS.map((iqn) => ({ address, port, iqn }));
}

/** The adapter that every emulated host has. */
export const ADAPTERS = [{ host: 'host0', name: 'emulated', id: '0' }] as const;

/** What lies behind the adapter. */
export function fibreChannelDevices(): readonly FoundBlockDevice[] {
  return lunsOf(undefined).map((lun) => ({
    ...lun,
    path: `/dev/disk/by-id/scsi-${lun.scsiId}`,
    adapter: 'host0',
    channel: '0',
    id: '0',
  }));
}

/** What every emulated file server exports. */
export const EXPORTS: readonly FoundExport[] = ['/export/vms', '/export/isos'].map((path) => ({ path, access: '*' }));
