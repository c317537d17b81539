import { DomainGuestInfoTypes, DomainInterfaceAddressesSource, IPAddrType } from 'node-libvirt';
import type { GuestState } from '../../../compute.js';
import type { Session } from '../../connection/session.js';
import type { DomainRef } from '../context.js';
import { type GuestInterface, type GuestReport, guestAddress, readReport } from './guest-report.js';
import { guestState, sameGuest } from './guest-state.js';
import type { Turns } from './turns.js';

/** Seconds that a guest may take for an answer. */
export const ANSWER_TIME = 5;
/** Milliseconds for the whole report, which is made of several answers. */
const REPORT_TIME = 30_000;

/** Milliseconds between two questions while no address is known, and how often at most: a guest may have no address at all. */
const SOON = 500;
const SOON_TIMES = 120;
/** Milliseconds between two questions afterwards. */
const LATER = 15_000;
/** Milliseconds at most to the next question to one that does not answer. */
const LATEST = 120_000;
/** Questions without an answer after which the tools count as silent. */
const PATIENCE = 2;

/** What an agent needs of its surroundings. */
export interface AgentSurroundings {
  readonly session: Session;
  /** Agents share them: only so many are asked at once. */
  readonly turns: Turns;
  /** The domain while its guest runs, else undefined: one that stands still cannot answer. */
  dom(): DomainRef | undefined;
  /** Places of the domain's cards by their MAC in lower case. */
  positions(): Promise<ReadonlyMap<string, number>>;
  /** Called with what is new; undefined: it does not answer any more. */
  tell(state: GuestState | undefined): void;
}

/** The agent in one guest, whose channel is open: asked again and again until `close`. */
export class GuestAgent {
  private readonly uuid: string;
  private readonly around: AgentSurroundings;
  private timer: NodeJS.Timeout | undefined;
  private asking = false;
  private again = false;
  private closed = false;
  private limited = false;
  private soon = SOON_TIMES;
  private failures = 0;
  private report: GuestReport | undefined;
  private places: ReadonlyMap<string, number> | undefined;
  /** How often cards changed: a reading that began before a change may not know of it. */
  private changes = 0;
  /** What was told last; undefined before the first answer, and after too many that did not come. */
  state: GuestState | undefined;

  constructor(uuid: string, around: AgentSurroundings) {
    this.uuid = uuid;
    this.around = around;
    this.schedule(0);
  }

  /** A card came or went: what is known is told with the cards that there are now, and the guest is asked soon. */
  cardsChanged(): void {
    this.changes++;
    this.places = undefined;
    this.soon = SOON_TIMES;
    if (this.asking) this.again = true;
    else this.schedule(0);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private schedule(ms: number): void {
    clearTimeout(this.timer);
    if (this.closed) return;
    this.timer = setTimeout(() => void this.ask(), ms);
    // A pool that closes waits for nobody's next question.
    this.timer.unref();
  }

  private async ask(): Promise<void> {
    this.asking = true;
    this.again = false;
    try {
      await this.around.turns.take(() => this.hear());
      this.failures = 0;
    } catch {
      // While the daemon is away nobody can be asked: that says nothing of the guest.
      if (this.around.session.connected) this.failed();
    }
    this.asking = false;
    this.schedule(this.again ? 0 : this.pause());
  }

  private async hear(): Promise<void> {
    const dom = this.around.dom();
    if (this.closed || dom === undefined) return;
    await this.readPlaces();
    if (this.report) this.tellNews(this.report);
    await this.limitAnswers(dom);
    const report = await this.newReport(dom);
    this.report = report;
    // Cards changed while it spoke: the next answer tells.
    if (this.places) this.tellNews(report);
  }

  private async readPlaces(): Promise<void> {
    while (this.places === undefined && !this.closed) {
      const before = this.changes;
      const places = await this.around.positions();
      if (before === this.changes) this.places = places;
    }
  }

  /** While an address is looked for, only interfaces are asked for: everything else is known by then. */
  private async newReport(dom: DomainRef): Promise<GuestReport> {
    const { session } = this.around;
    const before = this.searching() ? this.report : undefined;
    const types = before ? DomainGuestInfoTypes.INTERFACES : 0;
    const { params } = await session.call('DOMAIN_GET_GUEST_INFO', { dom, types, flags: 0 }, { timeout: REPORT_TIME });
    const report = readReport(params);
    const interfaces = report.interfaces ?? (await this.interfaces(dom));
    return before ? { ...before, interfaces } : { ...report, interfaces };
  }

  /** The call of a libvirt whose report has no interfaces. */
  private async interfaces(dom: DomainRef): Promise<readonly GuestInterface[]> {
    const source = DomainInterfaceAddressesSource.AGENT;
    const { ifaces } = await this.around.session.call('DOMAIN_INTERFACE_ADDRESSES', { dom, source, flags: 0 });
    return ifaces.map(({ hwaddr, addrs }) => ({
      mac: (hwaddr ?? '').toLowerCase(),
      addresses: addrs.flatMap(({ type, addr }) => guestAddress(type === IPAddrType.IPV6 ? 'ipv6' : 'ipv4', addr)),
    }));
  }

  /** Without a limit libvirt waits for an answer for ever. */
  private async limitAnswers(dom: DomainRef): Promise<void> {
    if (this.limited) return;
    await this.around.session.call('DOMAIN_AGENT_SET_RESPONSE_TIMEOUT', { dom, timeout: ANSWER_TIME, flags: 0 });
    this.limited = true;
  }

  private tellNews(report: GuestReport): void {
    if (this.closed || this.places === undefined) return;
    const state = guestState(this.uuid, report, this.places);
    if (this.state && sameGuest(this.state, state)) return;
    this.state = state;
    this.around.tell(state);
  }

  private failed(): void {
    this.failures++;
    if (this.closed || this.failures < PATIENCE || this.state === undefined) return;
    this.state = undefined;
    this.report = undefined;
    this.around.tell(undefined);
  }

  /** Whether a card has no address yet that others can reach. */
  private searching(): boolean {
    if (this.soon <= 0 || this.places === undefined) return false;
    return [...this.places.values()].some((position) => this.state?.networks.has(`${position}/ip`) !== true);
  }

  private pause(): number {
    if (this.failures > 0) return Math.min(LATEST, SOON * 2 ** Math.min(this.failures, 8));
    if (this.searching() || this.state === undefined) {
      this.soon--;
      return this.soon > 0 ? SOON : LATER;
    }
    return LATER;
  }
}
