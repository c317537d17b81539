import { DomainXMLFlags } from 'node-libvirt';
import { ApiError } from '../../../model/error.js';
import type { Session } from '../connection/session.js';
import { asHost } from '../errors.js';
import { HostMemory } from '../memory.js';
import type { LibvirtComputeOptions } from './compute.js';
import type { ComputeContext } from './context.js';
import { isLiving } from './domain-entry.js';
import { DomainStates } from './domain-states.js';
import { HostSurroundings } from './host-surroundings.js';
import { DiskUsers } from './live/disk-users.js';
import { DomainMerges } from './live/domain-merges.js';

const KIB = 1024;

/** Puts together what every part of compute works with. Domains are not read yet. */
export async function openContext(given: LibvirtComputeOptions): Promise<{ context: ComputeContext; host: HostSurroundings }> {
  const { session, sources, rules, options, pool, warn } = given;
  const states = new DomainStates(session, warn);
  const memory = new HostMemory(await memoryOf(session), () => states.living());
  const host = new HostSurroundings(given);
  states.onGone((uuid) => void host.removeScreen(uuid));
  const context: ComputeContext = {
    session,
    sources,
    rules,
    options,
    states,
    pool,
    memory,
    diskUsers: new DiskUsers(),
    merges: new DomainMerges(),
    bootFiles: given.bootFiles,
    openVswitchBridges: () => given.openVswitchBridges?.() ?? new Set(),
    warn,
    async domain(uuid) {
      const known = states.find(uuid);
      if (known) return known;
      throw new ApiError('VM_BAD_POWER_STATE', uuid, 'running', 'halted');
    },
    async live(uuid, ...expected) {
      const known = states.find(uuid);
      const power = known?.power ?? 'Halted';
      const wanted = expected.length > 0 ? expected : (['Running', 'Paused'] as const);
      if (known && isLiving(known) && wanted.includes(power)) return known;
      throw new ApiError('VM_BAD_POWER_STATE', uuid, wanted.join(', ').toLowerCase(), power.toLowerCase());
    },
    async liveXml(uuid) {
      const dom = await context.live(uuid);
      const { xml } = await asHost({ vm: uuid }, () =>
        session.read('DOMAIN_GET_XML_DESC', { dom, flags: DomainXMLFlags.SECURE }),
      );
      return xml;
    },
    async inactiveXml(uuid) {
      const dom = await context.domain(uuid);
      const flags = DomainXMLFlags.SECURE | DomainXMLFlags.INACTIVE;
      const { xml } = await asHost({ vm: uuid }, () => session.read('DOMAIN_GET_XML_DESC', { dom, flags }));
      return xml;
    },
    surroundings: (spec, lenient) => host.of(spec, lenient),
  };
  return { context, host };
}

/** Bytes of the host. What `nodeinfo` says is that of the first NUMA node on some machines. */
async function memoryOf(session: Session): Promise<number> {
  const args = { cellNum: -1, flags: 0 };
  const { nparams } = await session.read('NODE_GET_MEMORY_STATS', { ...args, nparams: 0 });
  const { params } = await session.read('NODE_GET_MEMORY_STATS', { ...args, nparams });
  const total = params.find(({ field }) => field === 'total');
  if (total === undefined) throw new Error('libvirt does not tell how much memory the host has');
  return Number(total.value) * KIB;
}
