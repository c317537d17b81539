import { ConnectListAllDomainsFlags, DomainXMLFlags } from 'node-libvirt';
import type { FoundDomain } from '../../compute.js';
import { describeDomain } from '../domain-xml/describe-domain.js';
import { isNoDomain } from '../errors.js';
import type { ComputeContext, DomainRef } from './context.js';
import { isLiving } from './domain-entry.js';
import type { HostSurroundings } from './host-surroundings.js';
import { inParallel } from './in-parallel.js';

/** Descriptions read at a time: as many calls as a libvirt daemon works on for one connection. */
const READERS = 5;

type Readable = Pick<ComputeContext, 'session' | 'sources' | 'warn'> & {
  readonly states: Pick<ComputeContext['states'], 'find'>;
};
type Traits = Pick<HostSurroundings, 'findBridges' | 'bridgeOf' | 'controlGroups'>;

/** Every domain with what it consists of; of one that lives, what it consists of now. */
export async function describe(context: Readable, host: Traits): Promise<readonly FoundDomain[]> {
  const { PERSISTENT, AUTOSTART } = ConnectListAllDomainsFlags;
  const [all, persistent, autostart] = await Promise.all([
    list(context, 0),
    list(context, PERSISTENT),
    list(context, AUTOSTART),
    host.findBridges(),
  ]);
  const keptOnes = new Set(persistent.map(({ uuid }) => uuid));
  const autostarted = new Set(autostart.map(({ uuid }) => uuid));
  const found = await inParallel(all, READERS, async (dom) => {
    try {
      return await read(context, host, dom, keptOnes.has(dom.uuid), autostarted.has(dom.uuid));
    } catch (thrown) {
      // One domain that is gone, or that nobody can make sense of, must not hide the others.
      if (!isNoDomain(thrown)) context.warn(thrown, `the domain ${dom.uuid} could not be described`);
      return undefined;
    }
  });
  return found.filter((one) => one !== undefined);
}

/** The same for one; undefined when libvirt has none of the uuid. Rejects when it has one that cannot be read. */
export async function describeOne(context: Readable, host: Traits, uuid: string): Promise<FoundDomain | undefined> {
  const { session } = context;
  try {
    const { dom } = await session.read('DOMAIN_LOOKUP_BY_UUID', { uuid });
    const [{ persistent }] = await Promise.all([session.read('DOMAIN_IS_PERSISTENT', { dom }), host.findBridges()]);
    // One that goes with its end cannot be started at boot, and libvirt refuses the question.
    const { autostart } = persistent ? await session.read('DOMAIN_GET_AUTOSTART', { dom }) : { autostart: 0 };
    return await read(context, host, dom, persistent === 1, autostart === 1);
  } catch (thrown) {
    if (isNoDomain(thrown)) return undefined;
    throw thrown;
  }
}

async function list({ session }: Readable, flags: number): Promise<readonly DomainRef[]> {
  return (await session.read('CONNECT_LIST_ALL_DOMAINS', { need_results: 1, flags })).domains;
}

async function read(
  context: Readable,
  host: Traits,
  dom: DomainRef,
  persistent: boolean,
  autostart: boolean,
): Promise<FoundDomain> {
  const { sources, states } = context;
  const known = states.find(dom.uuid);
  const { SECURE, INACTIVE } = DomainXMLFlags;
  const lives = known !== undefined && isLiving(known);
  const [xml, inactive, controlGroups] = await Promise.all([
    xmlOf(context, dom, lives ? SECURE : SECURE | INACTIVE),
    lives && persistent ? xmlOf(context, dom, SECURE | INACTIVE) : undefined,
    host.controlGroups(),
  ]);
  const bridgeOf = (network: string) => host.bridgeOf(network);
  return describeDomain(xml, { volumes: sources, persistent, autostart, inactive, bridgeOf, controlGroups });
}

async function xmlOf({ session }: Readable, dom: DomainRef, flags: number): Promise<string> {
  return (await session.read('DOMAIN_GET_XML_DESC', { dom, flags })).xml;
}
