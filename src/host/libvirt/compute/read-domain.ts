import { DomainJobType, DomainPausedReason, DomainShutoffReason, DomainState as State } from 'node-libvirt';
import type { DomainState } from '../../compute.js';
import type { Session } from '../connection/session.js';
import { isNoDomain } from '../errors.js';
import type { DomainRef } from './context.js';
import { readNote } from './own-metadata.js';

const KIB = 1024;

/** A domain as libvirt has it at one moment. Sizes in bytes. */
export interface DomainReading extends DomainRef {
  /** `arriving`: it is being started or comes from another host, and is nobody's yet. */
  readonly power: DomainState['power'] | 'arriving';
  readonly ended: DomainState['ended'];
  readonly memory: number;
  readonly maxMemory: number;
  readonly vcpus: number;
}

/** What a shut off domain is that ended that way; the others ended because they were told to. */
const ENDED: ReadonlyMap<number, DomainState['ended']> = new Map([
  [DomainShutoffReason.SHUTDOWN, 'shutdown'],
  [DomainShutoffReason.CRASHED, 'crash'],
]);

/** Reads what there is of a domain, with no call that QEMU has to answer. Resolves with undefined when libvirt has none of the uuid. */
export async function readDomain(session: Session, { name, uuid, id }: DomainRef): Promise<DomainReading | undefined> {
  const dom = { name, uuid, id };
  try {
    const [found, { state, reason }] = await Promise.all([
      session.read('DOMAIN_LOOKUP_BY_UUID', { uuid }),
      session.read('DOMAIN_GET_STATE', { dom, flags: 0 }),
    ]);
    const seen = powerOf(state, reason);
    const power = seen === 'arriving' && (await isThere(session, dom, reason)) ? 'Paused' : seen;
    // While it arrives, libvirt cannot tell.
    if (power === 'arriving') return { ...found.dom, power, ended: undefined, memory: 0, maxMemory: 0, vcpus: 0 };
    if (power !== 'Halted') {
      const { memory, maxMem, nrVirtCpu } = await session.read('DOMAIN_GET_INFO', { dom });
      const ended = state === State.CRASHED ? 'crash' : undefined;
      return { ...found.dom, power, ended, memory: memory * KIB, maxMemory: maxMem * KIB, vcpus: nrVirtCpu };
    }
    const none = { ...found.dom, id: -1, memory: 0, maxMemory: 0, vcpus: 0 };
    if (mayBeSuspended(reason) && (await readNote(session, dom, 'suspended')) !== undefined) {
      return { ...none, power: 'Suspended', ended: undefined };
    }
    return { ...none, power, ended: ENDED.get(reason) };
  } catch (thrown) {
    if (isNoDomain(thrown)) return undefined;
    throw thrown;
  }
}

/**
 * What was restored from an image without being let go on is said to be paused by a migration for as long as it stands still:
 * it has arrived when no job brings it any more.
 */
async function isThere(session: Session, dom: DomainRef, reason: number): Promise<boolean> {
  if (reason !== DomainPausedReason.MIGRATION) return false;
  const { type } = await session.read('DOMAIN_GET_JOB_STATS', { dom, flags: 0 });
  return type === DomainJobType.NONE;
}

/** A domain with a mark was suspended, unless it is known to have ended otherwise since. libvirt forgets the reason when it restarts. */
function mayBeSuspended(reason: number): boolean {
  return reason === DomainShutoffReason.SAVED || reason === DomainShutoffReason.UNKNOWN;
}

/**
 * The model's word for a state of libvirt's. A guest that sleeps (S3), one that stands because of an error on a disk, and one that
 * is kept after a crash, all are paused: they have memory and devices, and `unpause` is what lets them go on.
 */
function powerOf(state: number, reason: number): DomainReading['power'] {
  switch (state) {
    case State.SHUTOFF:
      return 'Halted';
    case State.PAUSED:
      return reason === DomainPausedReason.MIGRATION || reason === DomainPausedReason.STARTING_UP ? 'arriving' : 'Paused';
    case State.PMSUSPENDED:
    case State.CRASHED:
      return 'Paused';
    default:
      return 'Running';
  }
}
