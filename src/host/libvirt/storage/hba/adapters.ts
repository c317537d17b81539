import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FoundAdapter } from '../../../sr-types/findings.js';
import { type Disk, disksOf } from '../devices/disks.js';
import { type LogicalUnit, logicalUnits } from '../devices/logical-units.js';

/** Drivers of what is inside of a machine or plugged into it, and of iSCSI in software: no storage network is behind those. */
const LOCAL = /^(?:ahci|ata_|sata_|pata_|usb-storage|uas|iscsi_tcp|virtio_scsi|storvsc|vmw_pvscsi|megaraid)/;

/** The adapters of a host, without those of iSCSI in software, by the kernel's numbers; whether a storage network is behind each. */
async function adaptersOf(sys: string): Promise<ReadonlyMap<number, FoundAdapter & { readonly isNetwork: boolean }>> {
  const found = new Map<number, FoundAdapter & { readonly isNetwork: boolean }>();
  for (const host of (await readdir(join(sys, 'class/scsi_host')).catch((): string[] => [])).sort()) {
    const number = Number(/^host(\d+)$/.exec(host)?.[1]);
    if (!Number.isInteger(number) || (await exists(join(sys, 'class/iscsi_host', host)))) continue;
    const driver = (await readFile(join(sys, 'class/scsi_host', host, 'proc_name'), 'latin1').catch(() => '')).trim();
    const isNetwork = (await exists(join(sys, 'class/fc_host', host))) || (driver !== '' && !LOCAL.test(driver));
    found.set(number, { host, name: driver, id: String(number), isNetwork });
  }
  return found;
}

/** What is behind the adapters of storage networks: logical units, and the adapters themselves. */
export async function behindAdapters(
  sys = '/sys',
): Promise<{ readonly units: readonly LogicalUnit[]; readonly adapters: readonly FoundAdapter[] }> {
  const all = await adaptersOf(sys);
  const disks = (await disksOf(sys)).filter(({ scsi }) => scsi !== undefined && all.has(scsi.host));
  // What several ways lead to comes over a network, whatever drives it: enclosures with two ports, units that a hypervisor hands through.
  const ways = new Map<string, number>();
  for (const { id } of disks) if (id !== undefined) ways.set(id, (ways.get(id) ?? 0) + 1);
  const isBehind = ({ id, scsi }: Disk): boolean =>
    scsi !== undefined && (all.get(scsi.host)?.isNetwork === true || (id !== undefined && (ways.get(id) ?? 0) > 1));
  const behind = disks.filter(isBehind);
  const hosts = new Set(behind.map(({ scsi }) => scsi?.host));
  const adapters = [...all].filter(([number, { isNetwork }]) => isNetwork || hosts.has(number));
  return {
    units: logicalUnits(behind),
    adapters: adapters.map(([, { host, name, id }]) => ({ host, name, id })),
  };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
