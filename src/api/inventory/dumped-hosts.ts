import type { Database } from '../../db/database.js';
import { isNullRef, type Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import { hostDevice } from '../network/pif-kind.js';

/** A card of a host of a dump. Speed in Mbit/s. */
export interface DumpedCard {
  readonly device: string;
  readonly mac: string;
  readonly carrier: boolean;
  readonly speed: number;
}

/** What a device got from a DHCP server. */
export interface DumpedLease {
  readonly address: string;
  readonly netmask: string;
  readonly gateway: string;
  readonly dns: string;
}

/** What a host must be like to stand behind a dump. Memory in bytes. */
export interface DumpedHost {
  readonly ref: Ref<'host'>;
  readonly uuid: string;
  readonly name: string;
  readonly hostname: string;
  readonly address: string;
  /** Undefined for a host without a management interface. */
  readonly managementDevice: string | undefined;
  readonly memory: number;
  readonly controlDomainMemory: number;
  readonly cpu: { readonly sockets: number; readonly coresPerSocket: number; readonly threadsPerCore: number };
  readonly cards: readonly DumpedCard[];
  /** By the names of the devices. */
  readonly leases: ReadonlyMap<string, DumpedLease>;
}

/** The hosts of a database that was filled from a dump, the master first. */
export function dumpedHosts(db: Database, master: Ref<'host'>): readonly DumpedHost[] {
  const hosts = [...db.all('host')].map(([ref, host]) => dumpedHost(db, ref, host));
  return [...hosts.filter(({ ref }) => ref === master), ...hosts.filter(({ ref }) => ref !== master)];
}

function dumpedHost(db: Database, ref: Ref<'host'>, host: Fields<'host'>): DumpedHost {
  const metrics = isNullRef(host.metrics) ? undefined : db.find('host_metrics', host.metrics)?.fields;
  const pifs = host.PIFs.map((pif) => db.get('PIF', pif));
  const management = pifs.find((pif) => pif.management);
  const controlDomainMemory = db.find('VM', host.control_domain)?.fields.memory_dynamic_max ?? 0;
  return {
    ref,
    uuid: host.uuid,
    name: host.name_label,
    hostname: host.hostname,
    address: host.address,
    managementDevice: management && hostDevice(management),
    memory: metrics?.memory_total || guessedMemory(db, ref) + controlDomainMemory,
    controlDomainMemory,
    cpu: cpuShape(host),
    cards: byDevice(pifs.filter((pif) => pif.physical)).map((pif) => {
      const measured = db.find('PIF_metrics', pif.metrics)?.fields;
      return { device: pif.device, mac: pif.MAC, carrier: measured?.carrier ?? false, speed: measured?.speed ?? 0 };
    }),
    leases: new Map(pifs.filter((pif) => pif.ip_configuration_mode === 'DHCP' && pif.IP !== '').map(leaseOf)),
  };
}

function leaseOf(pif: Fields<'PIF'>): [string, DumpedLease] {
  return [hostDevice(pif), { address: pif.IP, netmask: pif.netmask, gateway: pif.gateway, dns: pif.DNS }];
}

/** Bytes with which a host can run what ran there, where the dump does not say what it has: half of them for the host. */
function guessedMemory(db: Database, host: Ref<'host'>): number {
  const guests = db.filter('VM', (vm) => vm.affinity === host || vm.resident_on === host);
  const needed = guests.reduce((sum, [, vm]) => sum + vm.memory_static_max, 0);
  return Math.max(LEAST_MEMORY, 2 * needed);
}

const LEAST_MEMORY = 16 * 2 ** 30;

function byDevice(pifs: readonly Fields<'PIF'>[]): readonly Fields<'PIF'>[] {
  return [...pifs].sort((a, b) => a.device.localeCompare(b.device, 'en', { numeric: true }));
}

/** Dumps of old versions do not say how many threads a core has; one is then as good as two. */
function cpuShape({ cpu_info, host_CPUs }: Fields<'host'>): DumpedHost['cpu'] {
  const number = (key: string, otherwise: number) => {
    const value = Number(cpu_info.get(key));
    return Number.isInteger(value) && value > 0 ? value : otherwise;
  };
  const cpus = number('cpu_count', Math.max(host_CPUs.length, 1));
  const sockets = Math.min(number('socket_count', 1), cpus);
  const threads = Math.min(number('threads_per_core', 1), cpus);
  return { sockets, threadsPerCore: threads, coresPerSocket: Math.max(1, Math.round(cpus / sockets / threads)) };
}
