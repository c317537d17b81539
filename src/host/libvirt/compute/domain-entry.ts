import {
  DomainEventLifecycle,
  DomainEventResumedDetailType,
  DomainEventStartedDetailType,
  DomainEventStoppedDetailType,
} from 'node-libvirt';
import type { DomainState } from '../../compute.js';
import type { MemoryUse } from '../memory.js';
import type { DomainRef } from './context.js';
import type { DomainReading } from './read-domain.js';

/** A domain as it is known. `startedAt`: milliseconds since the epoch, 0 for one that does not live. */
export interface KnownDomain extends DomainRef, MemoryUse {
  readonly uuid: string;
  readonly power: DomainState['power'];
  readonly ended: DomainState['ended'];
  readonly startedAt: number;
}

/** What is kept beside what is known of a domain. */
export interface DomainEntry {
  known: KnownDomain;
  /** Whether libvirt has it. */
  exists: boolean;
  /** What listeners heard last. */
  told: DomainState | undefined;
  /** Aborted when the life ends that the domain has now. */
  life: AbortController;
  /** Pieces of work during which nothing is told, and during which an end was asked for. */
  quiet: number;
  asked: number;
}

/** What an event says that libvirt does not say again when it is asked. */
export interface Hint {
  /** Whether the domain lived when it was said. */
  readonly living: boolean;
  readonly ended?: DomainState['ended'];
  readonly migrated?: boolean;
}

/** An entry for a domain of which nothing is known yet. */
export function newEntry(uuid: string): DomainEntry {
  const known = {
    name: uuid,
    uuid,
    id: -1,
    power: 'Halted',
    ended: undefined,
    startedAt: 0,
    memory: 0,
    maxMemory: 0,
    vcpus: 0,
  } as const;
  return { known, exists: false, told: undefined, life: new AbortController(), quiet: 0, asked: 0 };
}

/** Whether a domain is there: it has memory and devices. */
export function isLiving({ power }: { readonly power: DomainReading['power'] }): boolean {
  return power === 'Running' || power === 'Paused';
}

/** Whether a domain still has the life that it had. */
export function isSameLife(before: KnownDomain, now: DomainReading | undefined): boolean {
  return now !== undefined && isLiving(now) && isLiving(before) && before.id === now.id;
}

/**
 * What is known after a domain was read. Why it ended is known when it does, and is kept after that; an end that was asked for
 * has no reason. `startedAt`: milliseconds, for one that came to life.
 */
export function nextKnown(
  entry: DomainEntry,
  reading: DomainReading | undefined,
  hint: Hint | undefined,
  startedAt: number,
): KnownDomain {
  const before = entry.known;
  const power = reading?.power === 'arriving' ? before.power : (reading?.power ?? 'Halted');
  const ended =
    power === before.power && entry.exists ? before.ended : entry.asked > 0 ? undefined : (hint?.ended ?? reading?.ended);
  const gone = { ...before, id: -1, memory: 0, maxMemory: 0, vcpus: 0 };
  return {
    ...(reading ?? gone),
    power,
    ended: isLiving({ power }) && reading?.ended === undefined ? undefined : ended,
    startedAt,
  };
}

/** What others see of a domain. */
export function domainState({ uuid, power, id, startedAt, ended, memory }: KnownDomain): DomainState {
  return { uuid, power, domid: id, startedAt, memory, ...(ended === undefined ? {} : { ended }) };
}

/** Whether a listener that was told the one need not be told the other. */
export function tellsNothingNew(told: DomainState | undefined, state: DomainState): boolean {
  if (told === undefined || told.power !== state.power) return told === undefined && state.power === 'Halted';
  if (state.power === 'Halted' || state.power === 'Suspended') return true;
  return (
    told.domid === state.domid && told.startedAt === state.startedAt && told.memory === state.memory && told.ended === state.ended
  );
}

/** What is to be remembered of an event until the domain is read. */
export function hintOf(event: number, detail: number): Hint | undefined {
  switch (event) {
    case DomainEventLifecycle.STARTED:
      return { living: true, migrated: detail === DomainEventStartedDetailType.MIGRATED };
    case DomainEventLifecycle.RESUMED:
      return detail === DomainEventResumedDetailType.MIGRATED ? { living: true, migrated: true } : undefined;
    case DomainEventLifecycle.STOPPED:
      if (detail === DomainEventStoppedDetailType.SHUTDOWN) return { living: false, ended: 'shutdown' };
      // QEMU went away without a word.
      if (detail === DomainEventStoppedDetailType.CRASHED || detail === DomainEventStoppedDetailType.FAILED)
        return { living: false, ended: 'crash' };
      return { living: false };
    default:
      return undefined;
  }
}
