import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FoundAdapter } from '../../../sr-types/findings.js';
import { type Disk, disksOf } from '../devices/disks.js';
import { type LogicalUnit, logicalUnits } from '../devices/logical-units.js';

/** Drivers of what is inside of a machine or plugged into it, and of iSCSI in software: no storage network is behind those. */
const LOCAL = /^(?:ahci|ata_|sata_|pata_|usb-storage|uas|iscsi_tcp|virtio_scsi|storvsc|vmw_pvscsi|megaraid)/;

/** The adapters of storage networks that a host has, by the kernel's numbers. */
export async function hostBusAdapters(sys = '/sys'): Promise<ReadonlyMap<number, FoundAdapter>> {
  const found = new Map<number, FoundAdapter>();
  for (const host of (await readdir(join(sys, 'class/scsi_host')).catch((): string[] => [])).sort()) {
    const number = Number(/^host(\d+)$/.exec(host)?.[1]);
    if (!Number.isInteger(number) || (await exists(join(sys, 'class/iscsi_host', host)))) continue;
    const driver = (await readFile(join(sys, 'class/scsi_host', host, 'proc_name'), 'latin1').catch(() => '')).trim();
    const isNetwork = (await exists(join(sys, 'class/fc_host', host))) || (driver !== '' && !LOCAL.test(driver));
    if (isNetwork) found.set(number, { host, name: driver, id: String(number) });
  }
  return found;
}

/** What is behind the adapters of storage networks: logical units, and the adapters themselves. */
export async function behindAdapters(
  sys = '/sys',
): Promise<{ readonly units: readonly LogicalUnit[]; readonly adapters: readonly FoundAdapter[] }> {
  const adapters = await hostBusAdapters(sys);
  const isBehind = ({ scsi }: Disk): boolean => scsi !== undefined && adapters.has(scsi.host);
  return { units: logicalUnits((await disksOf(sys)).filter(isBehind)), adapters: [...adapters.values()] };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
