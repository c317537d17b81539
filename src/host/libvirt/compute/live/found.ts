import type { FoundDomain } from '../../../compute.js';
import { describeDomain } from '../../domain-xml/describe-domain.js';
import type { ComputeContext } from '../context.js';

/** A living domain with what it consists of now, and with what its definition says of that. */
export interface LivingDomain {
  readonly live: string;
  readonly found: FoundDomain;
}

/** Reads what a living domain consists of. A transient domain has no definition: its own description counts. */
export async function readLiving({ liveXml, inactiveXml, sources }: ComputeContext, uuid: string): Promise<LivingDomain> {
  const [live, inactive] = await Promise.all([liveXml(uuid), inactiveXml(uuid)]);
  return { live, found: describeDomain(live, { volumes: sources, inactive, persistent: true, autostart: false }) };
}
