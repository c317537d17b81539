import type { DumpedHost } from '../api/inventory/dumped-hosts.js';
import type { HostOptions } from '../host/emulated/layout.js';

/** An emulated host that stands for one of a dump. Its network is set up afterwards, by what the dump says. */
export function dumpedHostOptions(host: DumpedHost): HostOptions {
  const { uuid, name, hostname, address, managementDevice, memory, controlDomainMemory, cpu, cards, leases } = host;
  return {
    uuid,
    name,
    hostname,
    address,
    ...(managementDevice !== undefined && { managementDevice }),
    memory,
    controlDomainMemory,
    cpu,
    nics: cards.map((card) => ({ ...card, speed: Math.max(0, Math.trunc(card.speed)) })),
    leases,
    bare: true,
  };
}
