import { DomainEventAgentLifecycleState } from 'node-libvirt';
import type { GuestState } from '../../../compute.js';
import type { Unsubscribe } from '../../../progress.js';
import type { ComputeContext } from '../context.js';
import { isAgentConnected } from './agent-channel.js';
import { readLiving } from './found.js';
import { GuestAgent } from './guest-agent.js';
import { silentGuest } from './guest-state.js';
import { Turns } from './turns.js';

/** Agents that are asked at once: a guest that hangs holds its turn for some seconds, and a daemon takes five calls at a time. */
const ASKED_AT_ONCE = 2;
/** Milliseconds until a domain that could not be looked at is looked at again. */
const AGAIN = 1000;

/**
 * What the agents in the guests of a host tell, and of guests without one what can be done with them. An agent is asked from the
 * moment it opens its channel: often until an address is known, seldom afterwards. Listeners hear only what is new.
 */
export class GuestAgents {
  private readonly context: ComputeContext;
  private readonly turns = new Turns(ASKED_AT_ONCE);
  private readonly agents = new Map<string, GuestAgent>();
  private readonly listeners = new Set<(uuid: string, state: GuestState | undefined) => void>();
  private closed = false;
  /** What was told last of each guest that lives. */
  private readonly told = new Map<string, GuestState>();
  private readonly off: Unsubscribe[];

  constructor(context: ComputeContext) {
    this.context = context;
    const { session, states } = context;
    const changed = ({ dom }: { readonly dom: { readonly uuid: string } }): void => this.agents.get(dom.uuid)?.cardsChanged();
    this.off = [
      session.onDomainEvent('AGENT_LIFECYCLE', ({ dom, state }) => {
        if (state === DomainEventAgentLifecycleState.CONNECTED) this.listen(dom.uuid);
        else this.forget(dom.uuid);
      }),
      session.onDomainEvent('DEVICE_ADDED', changed),
      session.onDomainEvent('DEVICE_REMOVED', changed),
      session.onReconnect(() => this.look()),
      states.onStart((uuid) => this.lookAt(uuid)),
      states.onEnd((uuid) => {
        this.drop(uuid);
        if (this.told.delete(uuid)) this.tell(uuid, undefined);
      }),
    ];
    this.look();
  }

  /** Guests that are heard already are told to the listener soon after. */
  onGuest(listener: (uuid: string, state: GuestState | undefined) => void): Unsubscribe {
    this.listeners.add(listener);
    setImmediate(() => {
      if (!this.listeners.has(listener)) return;
      for (const [uuid, state] of this.told) listener(uuid, state);
    });
    return () => this.listeners.delete(listener);
  }

  /** Whether a guest's agent has told something and not fallen silent since. */
  heard(uuid: string): boolean {
    return this.agents.get(uuid)?.state !== undefined;
  }

  /** Asks nobody any more and tells nothing. */
  close(): void {
    this.closed = true;
    this.listeners.clear();
    for (const off of this.off) off();
    for (const agent of this.agents.values()) agent.close();
    this.agents.clear();
    this.told.clear();
  }

  private look(): void {
    for (const { uuid } of this.context.states.living()) this.lookAt(uuid);
  }

  /** An agent that opened its channel before anybody listened shows in the description. */
  private lookAt(uuid: string): void {
    this.context.liveXml(uuid).then(
      (xml) => {
        if (isAgentConnected(xml)) this.listen(uuid);
        else this.forget(uuid);
        if (!this.told.has(uuid)) this.tell(uuid, silentGuest(uuid));
      },
      () => {
        // It has ended meanwhile, or libvirt was too busy to tell.
        if (!this.closed && !this.context.states.life(uuid).aborted) setTimeout(() => this.lookAt(uuid), AGAIN).unref();
      },
    );
  }

  private listen(uuid: string): void {
    const known = this.agents.get(uuid);
    if (known !== undefined) {
      known.cardsChanged();
      return;
    }
    const { session, states } = this.context;
    const agent = new GuestAgent(uuid, {
      session,
      turns: this.turns,
      dom: () => {
        const domain = states.find(uuid);
        return domain?.power === 'Running' ? { name: domain.name, uuid, id: domain.id } : undefined;
      },
      positions: async () => {
        const { found } = await readLiving(this.context, uuid);
        return new Map(found.nics.map(({ mac, position }) => [mac.toLowerCase(), position]));
      },
      tell: (state) => this.tell(uuid, state ?? silentGuest(uuid)),
    });
    this.agents.set(uuid, agent);
  }

  /** The agent has closed its channel, while its guest goes on. */
  private forget(uuid: string): void {
    if (this.drop(uuid)?.state !== undefined) this.tell(uuid, silentGuest(uuid));
  }

  private drop(uuid: string): GuestAgent | undefined {
    const agent = this.agents.get(uuid);
    this.agents.delete(uuid);
    agent?.close();
    return agent;
  }

  private tell(uuid: string, state: GuestState | undefined): void {
    if (state !== undefined) this.told.set(uuid, state);
    for (const listener of this.listeners) listener(uuid, state);
  }
}
