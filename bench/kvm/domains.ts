import { randomUUID } from 'node:crypto';
import type { LabHost } from '../../test-support/libvirt/host/host.js';

/** A domain of the least that QEMU starts: no disk, no card, no system. */
export interface SmallDomain {
  readonly name: string;
  readonly uuid: string;
}

/** Domains that are defined with one run of virsh. */
const AT_A_TIME = 50;

/** Defines small domains on a host, as somebody with virsh would. */
export async function defineDomains(host: LabHost, count: number, prefix: string): Promise<SmallDomain[]> {
  const domains = Array.from({ length: count }, (_, i) => ({ name: `${prefix}-${i}`, uuid: randomUUID() }));
  for (let at = 0; at < count; at += AT_A_TIME)
    await Promise.all(domains.slice(at, at + AT_A_TIME).map((domain) => host.define(domainXml(domain))));
  return domains;
}

/** Removes them, whether they live or not. */
export async function removeDomains(host: LabHost, domains: readonly SmallDomain[]): Promise<void> {
  for (const { uuid } of domains) {
    await host.virsh('destroy', uuid).catch(() => undefined);
    await host.virsh('undefine', uuid);
  }
}

function domainXml({ name, uuid }: SmallDomain): string {
  return `<domain type='qemu'><name>${name}</name><uuid>${uuid}</uuid><memory unit='MiB'>32</memory><vcpu>1</vcpu>
    <os><type arch='x86_64' machine='q35'>hvm</type></os><devices><serial type='pty'/></devices></domain>`;
}
