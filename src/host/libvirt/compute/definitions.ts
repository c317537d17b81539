import { createHash } from 'node:crypto';
import { type DomainRef, DomainXMLFlags } from 'node-libvirt';
import type { Unsubscribe } from '../../progress.js';
import type { Session } from '../connection/session.js';
import type { DomainStates } from './domain-states.js';
import { isNote } from './own-metadata.js';

type Listener = (uuid: string, what: 'changed' | 'removed') => void;

/** Milliseconds in which changes of one domain are told as one: an edit is several events. */
const GATHER = 20;
/** Milliseconds between looks at descriptions: `virsh attach-device --config` and its like cause no event. */
const LOOK_EVERY = 30_000;

/**
 * Tells that what a domain consists of has changed: at once where libvirt has an event for it, else when the next look at
 * the lasting descriptions shows it. A look at 200 of them takes libvirt less than a tenth of a second.
 */
export class Definitions {
  private readonly session: Session;
  private readonly states: DomainStates;
  /** Digests of descriptions as they were last seen, by uuid. */
  private readonly seen = new Map<string, string>();
  private readonly looking: NodeJS.Timeout;
  private looks = false;
  private readonly listeners = new Set<Listener>();
  private readonly off: readonly Unsubscribe[];
  private readonly changed = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(session: Session, states: DomainStates) {
    this.session = session;
    this.states = states;
    this.looking = setInterval(() => void this.look(), LOOK_EVERY).unref();
    const touch = ({ dom }: { readonly dom: { readonly uuid: string } }): void => this.touch(dom.uuid);
    this.off = [
      session.onDomainEvent('LIFECYCLE', touch),
      session.onDomainEvent('DEVICE_ADDED', touch),
      session.onDomainEvent('DEVICE_REMOVED', touch),
      session.onDomainEvent('DISK_CHANGE', touch),
      session.onDomainEvent('TRAY_CHANGE', touch),
      session.onDomainEvent('BLOCK_JOB_2', touch),
      session.onDomainEvent('TUNABLE', touch),
      session.onDomainEvent('METADATA_CHANGE', (event) => {
        if (!isNote(event.nsuri)) this.touch(event.dom.uuid);
      }),
      session.onReconnect(() => {
        for (const { uuid } of states.all()) this.touch(uuid);
      }),
      states.onGone((uuid) => {
        this.changed.delete(uuid);
        this.seen.delete(uuid);
        for (const listener of this.listeners) listener(uuid, 'removed');
      }),
    ];
  }

  on(listener: Listener): Unsubscribe {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    for (const off of this.off) off();
    clearTimeout(this.timer);
    clearInterval(this.looking);
    this.listeners.clear();
  }

  /** Compares the lasting descriptions with what they were. Never rejects: what cannot be read now is read the next time. */
  async look(): Promise<void> {
    if (this.looks || !this.session.connected) return;
    this.looks = true;
    for (const dom of this.states.all()) await this.lookAt(dom);
    this.looks = false;
  }

  private async lookAt(dom: DomainRef): Promise<void> {
    if (await this.differs(dom)) this.touch(dom.uuid);
  }

  /** Reads a lasting description; whether it is another than the one that was read last. */
  private async differs(dom: DomainRef): Promise<boolean> {
    try {
      const { xml } = await this.session.read('DOMAIN_GET_XML_DESC', { dom, flags: DomainXMLFlags.INACTIVE });
      const now = createHash('sha1').update(xml).digest('base64');
      const before = this.seen.get(dom.uuid);
      this.seen.set(dom.uuid, now);
      return before !== undefined && before !== now;
    } catch {
      // It is gone, or libvirt is.
      return false;
    }
  }

  private touch(uuid: string): void {
    // What is known by an event need not be found again.
    this.seen.delete(uuid);
    this.changed.add(uuid);
    this.timer ??= setTimeout(() => this.tell(), GATHER);
  }

  private tell(): void {
    this.timer = undefined;
    const changed = [...this.changed];
    this.changed.clear();
    for (const uuid of changed) void this.tellOf(uuid);
  }

  private async tellOf(uuid: string): Promise<void> {
    try {
      // The event came before the state was read.
      if (!this.states.find(uuid)) await this.states.refresh(uuid);
    } catch {
      // libvirt is away: all is told when it is back.
      return;
    }
    const dom = this.states.find(uuid);
    // One that is gone by now was told as removed.
    if (!dom) return;
    // Read before the listeners read it: what is changed after them, without an event, shows at the next look.
    await this.differs(dom);
    for (const listener of this.listeners) listener(uuid, 'changed');
  }
}
