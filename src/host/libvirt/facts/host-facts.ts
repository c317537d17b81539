import { hostname } from 'node:os';
import type { HostFacts } from '../../host.js';
import type { FoundBridge } from '../../network.js';
import type { Session } from '../connection/session.js';
import { systemMemory } from '../memory.js';
import { cpuFacts } from './cpu.js';
import { biosFacts, chipsetFacts } from './firmware.js';
import { hostUuid } from './host-uuid.js';
import { findManagement } from './management.js';
import { pciFacts } from './pci.js';
import { PseudoFiles } from './pseudo-files.js';
import { usbFacts } from './usb.js';

const KIB = 1024;

/** What a host is: by libvirt which one it is, by the kernel what is in it. */
export async function readHostFacts(
  session: Session,
  bridges: readonly FoundBridge[],
  files = new PseudoFiles(),
): Promise<HostFacts> {
  const [uuid, cpu, pcis, usbs, bios, chipset, management, memoryTotal, bootedAt, iscsiIqn] = await Promise.all([
    hostUuid(session),
    cpuFacts(files),
    pciFacts(files),
    usbFacts(files),
    biosFacts(files),
    chipsetFacts(files),
    findManagement(files, bridges),
    totalMemory(files),
    bootTime(files),
    initiatorName(files),
  ]);
  const name = hostname();
  return {
    uuid,
    hostname: name,
    name,
    address: management.address,
    managementDevice: management.device,
    memoryTotal,
    // What QEMU needs for itself is counted with each domain.
    memoryOverhead: 0,
    controlDomainMemory: systemMemory(memoryTotal),
    cpu,
    pcis,
    usbs,
    bios,
    chipset,
    iscsiIqn,
    bootedAt,
  };
}

/** Bytes of the whole machine. libvirt's own number is that of one NUMA node on some machines. */
export async function totalMemory(files = new PseudoFiles()): Promise<number> {
  const [, kib = '0'] = /^MemTotal:\s+(\d+) kB$/m.exec(await files.text('/proc/meminfo')) ?? [];
  return Number(kib) * KIB;
}

/** Seconds since the epoch. */
async function bootTime(files: PseudoFiles): Promise<number> {
  const [, seconds = '0'] = /^btime (\d+)$/m.exec(await files.text('/proc/stat')) ?? [];
  return Number(seconds);
}

/** The name by which this host asks iSCSI targets for disks; empty where it has no initiator. */
async function initiatorName(files: PseudoFiles): Promise<string> {
  const [, name = ''] = /^InitiatorName=(\S+)$/m.exec(await files.text('/etc/iscsi/initiatorname.iscsi')) ?? [];
  return name;
}
