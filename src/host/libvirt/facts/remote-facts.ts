import type { HostFacts } from '../../host.js';
import type { Session } from '../connection/session.js';
import { systemMemory } from '../memory.js';
import { hostUuid } from './host-uuid.js';

const KIB = 1024;

/** What libvirt tells of a host that is not this machine. What only its own kernel knows (devices, firmware, when it booted) is left empty. */
export async function readRemoteFacts(session: Pick<Session, 'read'>, uri: string): Promise<HostFacts> {
  const [uuid, { hostname }, node] = await Promise.all([
    hostUuid(session),
    session.read('CONNECT_GET_HOSTNAME', {}),
    session.read('NODE_GET_INFO', {}),
  ]);
  const memoryTotal = node.memory * KIB;
  return {
    uuid,
    hostname,
    name: hostname,
    address: new URL(uri).hostname,
    managementDevice: '',
    memoryTotal,
    memoryOverhead: 0,
    controlDomainMemory: systemMemory(memoryTotal),
    cpu: {
      vendor: '',
      model: modelOf(node.model),
      speedMhz: node.mhz,
      family: 0,
      modelNumber: 0,
      stepping: 0,
      flags: '',
      features: '',
      sockets: Math.max(1, node.sockets * node.nodes),
      coresPerSocket: Math.max(1, node.cores),
      threadsPerCore: Math.max(1, node.threads),
    },
    pcis: [],
    usbs: [],
    bios: new Map(),
    chipset: new Map([['iommu', 'false']]),
    iscsiIqn: '',
    bootedAt: 0,
  };
}

/** A name of fixed length, as the protocol has it. */
function modelOf(name: unknown): string {
  if (typeof name === 'string') return name.replace(/\0.*$/, '');
  return Array.isArray(name) ? String.fromCharCode(...name.filter((code) => code > 0)) : '';
}
