import { DomainEventIOErrorAction, ErrorCode } from 'node-libvirt';
import { ApiError } from '../../../model/error.js';
import type { DomainState } from '../../compute.js';
import type { Unsubscribe } from '../../progress.js';
import type { Session } from '../connection/session.js';
import { hasCode } from '../errors.js';
import type { DomainRef } from './context.js';
import {
  type DomainEntry,
  domainState,
  type Hint,
  hintOf,
  isLiving,
  isSameLife,
  type KnownDomain,
  newEntry,
  nextKnown,
  tellsNothingNew,
} from './domain-entry.js';
import { inParallel } from './in-parallel.js';
import { readNote, writeNote } from './own-metadata.js';
import { type DomainReading, readDomain } from './read-domain.js';

const KIB = 1024;
/** Domains read at a time: as many calls as a libvirt daemon works on for one connection. */
const READERS = 5;

/** Milliseconds within which resets are one reboot. */
const ONE_REBOOT = 1000;

/** A read that runs, and the one that follows because something happened meanwhile. */
interface Reading {
  readonly current: Promise<void>;
  next: Promise<void> | undefined;
}

/**
 * What is known of every domain of one libvirt. An event is only the reason to read a domain again: what libvirt says then is the
 * truth, and events that were missed while it was away are made up for by reading all.
 */
export class DomainStates {
  private readonly session: Session;
  private readonly warn: (error: unknown, message: string) => void;
  private readonly entries = new Map<string, DomainEntry>();
  private readonly readings = new Map<string, Reading>();
  private readonly hints = new Map<string, Hint>();
  /** Domains that end because their guests reboot. */
  private readonly rebooting = new Set<string>();
  private readonly off: readonly Unsubscribe[];
  private readonly stateListeners = new Set<(state: DomainState) => void>();
  private readonly startListeners = new Set<(uuid: string) => void>();
  private readonly endListeners = new Set<(uuid: string) => void>();
  private readonly goneListeners = new Set<(uuid: string) => void>();

  constructor(session: Session, warn: (error: unknown, message: string) => void) {
    this.session = session;
    this.warn = warn;
    this.off = [
      session.onDomainEvent('LIFECYCLE', ({ dom, event, detail }) => this.lifecycle(dom, event, detail)),
      session.onMonitorEvent('SHUTDOWN', ({ dom, details }) => this.shutsDown(dom.uuid, details)),
      session.onDomainEvent('REBOOT', ({ dom }) => this.rebooted(dom.uuid)),
      session.onDomainEvent('BALLOON_CHANGE', ({ dom, actual }) => this.balloon(dom.uuid, actual * KIB)),
      session.onDomainEvent('IO_ERROR_REASON', ({ dom, srcPath, reason, action }) => {
        if (action !== DomainEventIOErrorAction.PAUSE) return;
        warn(new Error(`${srcPath}: ${reason || 'input/output error'}`), `the domain ${dom.uuid} stands still because of a disk`);
      }),
      session.onReconnect(() => this.background(this.readAll())),
    ];
  }

  /** Reads every domain. Listeners hear what differs from what they heard last. */
  async readAll(): Promise<void> {
    const { domains } = await this.session.read('CONNECT_LIST_ALL_DOMAINS', { need_results: 1, flags: 0 });
    await this.readNamed(domains, () => true);
  }

  /** Compares with libvirt which domains there are and which live; reads those again of which that is not known. */
  async check(): Promise<void> {
    const { domains } = await this.session.read('CONNECT_LIST_ALL_DOMAINS', { need_results: 1, flags: 0 });
    await this.readNamed(domains, ({ uuid, id }) => this.find(uuid)?.id !== id);
  }

  find(uuid: string): KnownDomain | undefined {
    const entry = this.entries.get(uuid);
    return entry?.exists ? entry.known : undefined;
  }

  all(): readonly KnownDomain[] {
    return [...this.entries.values()].flatMap(({ known, exists }) => (exists ? [known] : []));
  }

  living(): readonly KnownDomain[] {
    return this.all().filter(isLiving);
  }

  /** Aborted with VM_HALTED when the life ends that the domain has now; from the start when it has none. */
  life(uuid: string): AbortSignal {
    const entry = this.entries.get(uuid);
    return entry && isLiving(entry.known) ? entry.life.signal : AbortSignal.abort(new ApiError('VM_HALTED', uuid));
  }

  /** Reads a domain; resolves when what is known is not older than this call. */
  refresh(uuid: string, as: DomainRef = this.find(uuid) ?? { name: uuid, uuid, id: -1 }): Promise<void> {
    const reading = this.readings.get(uuid);
    if (!reading) return this.begin(uuid, as);
    const begin = (): Promise<void> => this.begin(uuid, as);
    reading.next ??= reading.current.then(begin, begin);
    return reading.next;
  }

  onState(listener: (state: DomainState) => void): Unsubscribe {
    return subscribe(this.stateListeners, listener);
  }

  /** Called when a domain has come to life, also when it is found so. */
  onStart(listener: (uuid: string) => void): Unsubscribe {
    return subscribe(this.startListeners, listener);
  }

  /** Called when a life has ended. */
  onEnd(listener: (uuid: string) => void): Unsubscribe {
    return subscribe(this.endListeners, listener);
  }

  /** Called when libvirt has a domain no longer. */
  onGone(listener: (uuid: string) => void): Unsubscribe {
    return subscribe(this.goneListeners, listener);
  }

  /** Tells nothing of a domain while work goes on, only what came of it. */
  quietly<T>(uuid: string, work: () => Promise<T>): Promise<T> {
    return this.counted(uuid, 'quiet', work, (entry) => this.tell(entry));
  }

  /** The same for work after which the domain lives elsewhere: when it succeeds, nothing is told at all. */
  leave<T>(uuid: string, work: () => Promise<T>): Promise<T> {
    return this.counted(uuid, 'quiet', work, (entry, succeeded) => {
      if (succeeded) entry.told = domainState(entry.known);
      else this.tell(entry);
    });
  }

  /** Does work that asks a guest to end: that it does is then not its own doing. */
  asked<T>(uuid: string, work: () => Promise<T>): Promise<T> {
    return this.counted(uuid, 'asked', work, () => undefined);
  }

  /** Ends what waits for a domain. */
  close(): void {
    for (const off of this.off) off();
    for (const set of [this.stateListeners, this.startListeners, this.endListeners, this.goneListeners]) set.clear();
    for (const { life, known } of this.entries.values()) life.abort(new ApiError('VM_HALTED', known.uuid));
  }

  private async counted<T>(
    uuid: string,
    count: 'quiet' | 'asked',
    work: () => Promise<T>,
    after: (entry: DomainEntry, succeeded: boolean) => void,
  ): Promise<T> {
    const entry = this.entry(uuid);
    entry[count]++;
    let succeeded = false;
    try {
      const result = await work();
      succeeded = true;
      return result;
    } finally {
      await this.refresh(uuid).catch((thrown: unknown) => this.warn(thrown, 'the state of a domain could not be read'));
      entry[count]--;
      after(entry, succeeded);
      this.tidy(entry);
    }
  }

  private async readNamed(domains: readonly DomainRef[], wanted: (dom: DomainRef) => boolean): Promise<void> {
    const there = new Set(domains.map(({ uuid }) => uuid));
    const missing = this.all().filter(({ uuid }) => !there.has(uuid));
    await inParallel([...domains.filter(wanted), ...missing], READERS, (dom) => this.refresh(dom.uuid, dom));
  }

  private begin(uuid: string, as: DomainRef): Promise<void> {
    const current = this.read(uuid, as).finally(() => {
      const reading = this.readings.get(uuid);
      if (reading?.current === current && reading.next === undefined) this.readings.delete(uuid);
    });
    this.readings.set(uuid, { current, next: undefined });
    return current;
  }

  private async read(uuid: string, as: DomainRef): Promise<void> {
    const reading = await readDomain(this.session, as);
    const hint = this.hintFor(uuid, reading);
    const before = this.entries.get(uuid)?.known;
    const begins = reading !== undefined && isLiving(reading) && !(before && isSameLife(before, reading));
    // A life that no event told of began earlier; one that came from another host began there.
    const noted =
      begins && (hint === undefined || hint.migrated === true) ? await readNote(this.session, reading, 'started') : undefined;
    // Until it is somebody's, or when it is about to be another host's, it stays what it was.
    if (reading?.power === 'arriving') return;
    this.apply(this.entry(uuid), reading, hint, noted);
  }

  /** What events said of what was read; what they said of a moment after it is kept for the next read. */
  private hintFor(uuid: string, reading: DomainReading | undefined): Hint | undefined {
    const hint = this.hints.get(uuid);
    const fits =
      hint !== undefined && reading?.power !== 'arriving' && hint.living === (reading !== undefined && isLiving(reading));
    if (fits || this.readings.get(uuid)?.next === undefined) this.hints.delete(uuid);
    return fits ? hint : undefined;
  }

  private apply(entry: DomainEntry, reading: DomainReading | undefined, hint: Hint | undefined, noted: string | undefined): void {
    const before = entry.known;
    const living = reading !== undefined && isLiving(reading);
    const goesOn = isSameLife(before, reading);
    const startedAt = goesOn ? before.startedAt : living ? Number(noted) || Date.now() : 0;
    entry.known = nextKnown(entry, reading, hint, startedAt);
    entry.exists = reading !== undefined;
    if (isLiving(before) && !goesOn) this.ended(entry);
    if (living && !goesOn) this.began(entry, noted === undefined);
    this.tell(entry);
    if (reading === undefined) for (const listener of this.goneListeners) listener(before.uuid);
    this.tidy(entry);
  }

  private began(entry: DomainEntry, note: boolean): void {
    entry.life = new AbortController();
    if (note) this.noteStart(entry.known);
    for (const listener of this.startListeners) listener(entry.known.uuid);
  }

  private ended({ life, known: { uuid } }: DomainEntry): void {
    life.abort(new ApiError('VM_HALTED', uuid));
    for (const listener of this.endListeners) listener(uuid);
  }

  /** Whoever works with a domain looks at its entry afterwards; else one of a domain that is gone is of no use. */
  private tidy({ known, exists, quiet, asked }: DomainEntry): void {
    if (!exists && quiet === 0 && asked === 0) this.entries.delete(known.uuid);
  }

  private tell(entry: DomainEntry): void {
    if (entry.quiet > 0) return;
    const state = domainState(entry.known);
    const { told } = entry;
    entry.told = state;
    if (tellsNothingNew(told, state)) return;
    for (const listener of this.stateListeners) listener(state);
  }

  private lifecycle(dom: DomainRef, event: number, detail: number): void {
    const hint = hintOf(event, detail);
    if (hint)
      this.hints.set(dom.uuid, hint.ended === 'shutdown' && this.rebooting.has(dom.uuid) ? { ...hint, ended: 'reboot' } : hint);
    if (hint?.living === false) this.rebooting.delete(dom.uuid);
    this.background(this.refresh(dom.uuid, dom));
  }

  /** Where a reboot is to end the domain, QEMU alone tells it from a shutdown. That libvirt then ends QEMU is told as well. */
  private shutsDown(uuid: string, details = ''): void {
    if (/"reason":\s*"guest-reset"/.test(details)) this.rebooting.add(uuid);
    else if (/"guest":\s*true/.test(details)) this.rebooting.delete(uuid);
  }

  /** A guest that reboots by itself keeps its domain: what shows is that it began anew. Firmware may do so several times in a row. */
  private rebooted(uuid: string): void {
    const entry = this.entries.get(uuid);
    if (!entry || !isLiving(entry.known) || Date.now() - entry.known.startedAt < ONE_REBOOT) return;
    entry.known = { ...entry.known, startedAt: Date.now() };
    this.noteStart(entry.known);
    this.tell(entry);
  }

  private balloon(uuid: string, memory: number): void {
    const entry = this.entries.get(uuid);
    if (!entry || !isLiving(entry.known)) return;
    entry.known = { ...entry.known, memory };
    this.tell(entry);
  }

  /** Keeps in the domain itself when its life began, so that it is the same after this process has ended. */
  private noteStart(known: KnownDomain): void {
    const { signal } = this.entry(known.uuid).life;
    writeNote(this.session, known, 'started', String(known.startedAt)).catch((thrown: unknown) => {
      // A domain may end before we hear of it: one that ends instead of rebooting tells of a reboot, too.
      const isOver = signal.aborted || hasCode(thrown, ErrorCode.OPERATION_INVALID, ErrorCode.NO_DOMAIN);
      if (!isOver) this.warn(thrown, 'the start of a domain could not be noted');
    });
  }

  private background(work: Promise<void>): void {
    work.catch((thrown: unknown) => {
      // When libvirt is away, all is read once it is back.
      if (this.session.connected) this.warn(thrown, 'a domain could not be read');
    });
  }

  private entry(uuid: string): DomainEntry {
    let entry = this.entries.get(uuid);
    if (entry === undefined) {
      entry = newEntry(uuid);
      this.entries.set(uuid, entry);
    }
    return entry;
  }
}

function subscribe<T>(listeners: Set<T>, listener: T): Unsubscribe {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
