import { DomainXMLFlags, ErrorCode, LibvirtError } from 'node-libvirt';
import { ApiError } from '../../../model/error.js';
import type { DomainSpec, NicSpec } from '../../compute.js';
import type { Watch } from '../../progress.js';
import { applyDomain } from '../domain-xml/apply-domain.js';
import { buildDomain } from '../domain-xml/build-domain.js';
import { findNic } from '../domain-xml/find-device.js';
import { readStored } from '../domain-xml/stored.js';
import type { Surroundings } from '../domain-xml/surroundings.js';
import { domainName, isNameOf } from '../domain-xml/text.js';
import { parseXml, textOf } from '../domain-xml/xml.js';
import { asHost, hasCode, hostError, isNoDomain } from '../errors.js';
import { bootKernel } from './boot-kernel.js';
import type { ComputeContext, DomainRef } from './context.js';
import { isLiving, type KnownDomain } from './domain-entry.js';

/** Virtual CPUs of a domain at most: what the newest QEMU can have. Clients may write any number into a VM that does not run. */
const MOST_VCPUS = 4096;

/** What a description is made for. */
export interface PrepareOptions {
  /** Disks that cannot be had stay out. */
  readonly lenient?: 'lenient';
  /** The start that it is for: an installer is fetched only then. */
  readonly starting?: Watch;
}

/** A domain that is ready to be started. */
export interface Prepared {
  readonly dom: DomainRef;
  /** Whether its description had to be changed for that. */
  readonly changed: boolean;
}

/**
 * Gives a domain the description that a VM has now, on top of what this host, or another one of the pool, has of it already.
 * libvirt is told only when that changes something. Rejects with VM_TOO_MANY_VCPUS, and as `surroundings` and `bootKernel` do.
 */
export async function prepare(
  context: ComputeContext,
  spec: DomainSpec,
  { lenient, starting }: PrepareOptions = {},
): Promise<Prepared> {
  // Each has an element in the description.
  if (spec.vcpus.max > MOST_VCPUS) throw new ApiError('VM_TOO_MANY_VCPUS', spec.uuid);
  const [found, existing] = await Promise.all([context.surroundings(spec, lenient), existingXml(context, spec.uuid)]);
  const surroundings = { ...found, kernel: await bootKernel(context, spec, existing, starting) };
  const known = context.states.find(spec.uuid);
  if (known && existing !== undefined) return redefine(context, known, spec, surroundings, existing);
  const describe = (name?: string): string => {
    const here = name === undefined ? surroundings : { ...surroundings, name };
    return existing === undefined ? buildDomain(spec, here) : applyDomain(existing, spec, here);
  };
  return asHost({ vm: spec.uuid }, async () => {
    try {
      return { dom: await define(context, describe(isTaken(context, spec) ? distinctName(spec) : undefined)), changed: true };
    } catch (thrown) {
      // Somebody has taken the name this very moment.
      if (!isNameTaken(thrown)) throw thrown;
      return { dom: await define(context, describe(distinctName(spec))), changed: true };
    }
  });
}

async function existingXml(context: ComputeContext, uuid: string): Promise<string | undefined> {
  const { session, states, pool } = context;
  const dom = states.find(uuid);
  if (dom) {
    try {
      const { SECURE, INACTIVE } = DomainXMLFlags;
      return (await session.read('DOMAIN_GET_XML_DESC', { dom, flags: SECURE | INACTIVE })).xml;
    } catch (thrown) {
      if (!isNoDomain(thrown)) throw hostError(thrown, { vm: uuid });
      // Somebody has taken it away this very moment.
      await states.refresh(uuid);
    }
  }
  return pool.description(uuid, context);
}

async function redefine(
  context: ComputeContext,
  known: KnownDomain,
  spec: DomainSpec,
  surroundings: Surroundings,
  existing: string,
): Promise<Prepared> {
  const wanted = isTaken(context, spec) ? distinctName(spec) : domainName(spec.name, spec.uuid);
  const named = isTaken(context, spec) || hasOldName(known, spec, existing) ? { ...surroundings, name: wanted } : surroundings;
  const xml = applyDomain(existing, spec, named);
  if (xml === existing && (await isKept(context, known))) return { dom: known, changed: false };
  const name = textOf(parseXml(xml), 'name') ?? known.name;
  return asHost({ vm: spec.uuid }, async () => {
    const kept = name === known.name || (await rename(context, known, name));
    // One that cannot change its name now keeps it until the next time.
    return {
      dom: await define(context, kept ? xml : applyDomain(existing, spec, { ...named, name: known.name })),
      changed: true,
    };
  });
}

/** Whether its label was changed while it could not change its name. Domains of other origin may be called as they like. */
function hasOldName(known: KnownDomain, { name, uuid }: DomainSpec, existing: string): boolean {
  if (known.power !== 'Halted' || isNameOf(known.name, name, uuid)) return false;
  return readStored(parseXml(existing))?.ours ?? false;
}

/** Whether libvirt keeps a domain when its life ends. One that does not live is there because it does. */
async function isKept({ session }: ComputeContext, known: KnownDomain): Promise<boolean> {
  if (!isLiving(known)) return true;
  return (await session.read('DOMAIN_IS_PERSISTENT', { dom: known })).persistent === 1;
}

/** libvirt takes no description with another name for a domain that it has. Whether it has the new name now. */
async function rename({ session }: ComputeContext, known: KnownDomain, name: string): Promise<boolean> {
  if (known.power !== 'Halted') return false;
  try {
    await session.call('DOMAIN_RENAME', { dom: known, new_name: name, flags: 0 });
    return true;
  } catch (thrown) {
    // Memory that virsh has saved, or snapshots of libvirt's own, hold the old name.
    if (thrown instanceof LibvirtError) return false;
    throw thrown;
  }
}

/** Puts the rules of cards on the taps of a domain that lives. */
export async function applyRules(context: ComputeContext, uuid: string, nics: readonly NicSpec[]): Promise<void> {
  const { rules } = context;
  const needing = nics.filter((nic) => rules.needed(nic));
  if (needing.length === 0) return;
  await context.states.refresh(uuid);
  const xml = await context.liveXml(uuid);
  for (const nic of needing) {
    const tap = findNic(xml, nic.vif)?.target;
    if (tap === undefined) throw new Error(`the card ${nic.vif} has no tap device`);
    await rules.apply(tap, nic);
  }
}

async function define({ session, states }: ComputeContext, xml: string): Promise<DomainRef> {
  const { dom } = await session.call('DOMAIN_DEFINE_XML_FLAGS', { xml, flags: 0 });
  await states.refresh(dom.uuid, dom);
  return dom;
}

/** Two VMs may have the same name, two domains may not. */
function isTaken({ states }: ComputeContext, spec: DomainSpec): boolean {
  const name = domainName(spec.name, spec.uuid);
  return states.all().some((other) => other.name === name && other.uuid !== spec.uuid);
}

function distinctName({ name, uuid }: DomainSpec): string {
  return domainName(name, uuid, true);
}

function isNameTaken(thrown: unknown): boolean {
  return hasCode(thrown, ErrorCode.DOM_EXIST, ErrorCode.OPERATION_FAILED) && /already exists with uuid/.test(String(thrown));
}
