import { z } from 'zod';
import { ApiError } from '../../../model/error.js';
import type { NicSpec } from '../../compute.js';
import type { NicRules } from '../nic-rules.js';
import { CommandError, type Commands, HostCommands } from './commands.js';
import { LinkEvents } from './link-events.js';
import { deletedDevice } from './monitor.js';
import { addTap, dropTap, rateOf, TABLE, tapOfChain } from './tap-ruleset.js';

/** Names of devices that are safe as names of chains too. */
const TAP = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/;

const MAC = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/;

const listing = z.object({
  nftables: z.array(z.looseObject({ chain: z.object({ name: z.string() }).optional() })),
});
const links = z.array(z.object({ ifname: z.string().optional() }));

/** Milliseconds in which taps that went are gathered: a domain takes all of its own along. */
const GATHER = 100;

/** How rules are kept. */
export interface TapRulesOptions {
  /** Runs programs; another one may run them in a network namespace. */
  readonly commands?: Commands;
  readonly warn?: (error: unknown, message: string) => void;
}

interface Change {
  readonly lines: readonly string[];
  readonly done: () => void;
  readonly failed: (thrown: unknown) => void;
}

/**
 * Rules of guests' cards in nftables, on the tap device itself, so that it does not matter which kind of bridge it is in. Rules
 * of other cards cost a packet nothing. Limits hold for what a guest sends, as in the original; packets beyond them are dropped.
 */
export class TapRules implements NicRules {
  private readonly commands: Commands;
  private readonly warn: (error: unknown, message: string) => void;
  private readonly events: LinkEvents;
  /** Taps that have rules. */
  private readonly ruled = new Set<string>();
  private waiting: Change[] = [];
  private running = false;
  private sweeping: NodeJS.Timeout | undefined;

  private constructor({ commands = new HostCommands(), warn = () => undefined }: TapRulesOptions) {
    this.commands = commands;
    this.warn = warn;
    this.events = new LinkEvents(commands, (line) => {
      if (line === undefined || this.ruled.has(deletedDevice(line) ?? '')) this.sweepSoon();
    });
  }

  /**
   * Finds the rules of guests that run, which hold on, and removes those of taps that went while nobody looked. From then on
   * rules go with their taps. Where nftables cannot be used, that shows when a card needs rules.
   */
  static async open(options: TapRulesOptions = {}): Promise<TapRules> {
    const rules = new TapRules(options);
    for (const tap of await rules.found()) rules.ruled.add(tap);
    rules.events.start();
    await rules.sweep();
    return rules;
  }

  /** Ends what runs on. Rules hold on. */
  async close(): Promise<void> {
    this.events.stop();
    clearTimeout(this.sweeping);
  }

  private sweepSoon(): void {
    this.sweeping ??= setTimeout(() => {
      this.sweeping = undefined;
      this.sweep().catch((thrown: unknown) => this.warn(thrown, 'rules of cards that are gone could not be removed'));
    }, GATHER);
  }

  /** Drops rules of taps that are not there: a new tap of the same name is another guest's. */
  private async sweep(): Promise<void> {
    if (this.ruled.size === 0) return;
    const names = links.parse(JSON.parse(await this.commands.run('ip', ['-json', 'link', 'show'])));
    const there = new Set(names.map(({ ifname }) => ifname));
    await Promise.all([...this.ruled].filter((tap) => !there.has(tap)).map((tap) => this.drop(tap)));
  }

  needed(nic: NicSpec): boolean {
    return nic.locking.mode !== 'unlocked' || rateOf(nic) !== undefined;
  }

  async apply(tap: string, nic: NicSpec): Promise<void> {
    const mac = nic.mac.toLowerCase();
    if (!TAP.test(tap) || !MAC.test(mac)) throw new ApiError('INTERNAL_ERROR', `no rules can be made for ${tap} (${mac})`);
    if (!this.needed(nic)) return this.drop(tap);
    const lines = [...dropTap(tap), ...rulesFor(tap, { ...nic, mac })];
    this.ruled.add(tap);
    await this.change(tap, lines);
  }

  async drop(tap: string): Promise<void> {
    if (!this.ruled.has(tap)) return;
    this.ruled.delete(tap);
    await this.change(tap, dropTap(tap));
  }

  private async found(): Promise<Set<string>> {
    let text: string;
    try {
      text = await this.commands.run('nft', ['-j', 'list', 'table', ...TABLE.split(' ')]);
    } catch (thrown) {
      // There is no table yet, or no nftables.
      if (thrown instanceof CommandError) return new Set();
      throw thrown;
    }
    const chains = listing.parse(JSON.parse(text)).nftables.flatMap(({ chain }) => chain?.name ?? []);
    return new Set(chains.flatMap((chain) => tapOfChain(chain) ?? []));
  }

  private async change(tap: string, lines: readonly string[]): Promise<void> {
    try {
      await new Promise<void>((done, failed) => {
        this.waiting.push({ lines, done, failed });
        void this.work();
      });
    } catch (thrown) {
      if (!(thrown instanceof CommandError)) throw thrown;
      throw new ApiError('INTERNAL_ERROR', `the rules of ${tap} could not be set: ${thrown.text}`);
    }
  }

  /** What comes in while one change is on its way makes the next one. */
  private async work(): Promise<void> {
    if (this.running) return;
    this.running = true;
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      try {
        await this.load(batch);
        for (const { done } of batch) done();
      } catch (thrown) {
        // One of them is wrong: the others are not to suffer for it.
        if (batch.length === 1) batch[0]?.failed(thrown);
        else for (const one of batch) await this.load([one]).then(one.done, one.failed);
      }
    }
    this.running = false;
  }

  /** All of it or nothing takes effect, and at once: no packet passes between the old rules and the new ones. */
  private async load(batch: readonly Change[]): Promise<void> {
    await this.commands.run('nft', ['-f', '-'], `${batch.flatMap(({ lines }) => lines).join('\n')}\n`);
  }
}

function rulesFor(tap: string, nic: NicSpec): string[] {
  try {
    return addTap(tap, nic);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new ApiError('INVALID_IP_ADDRESS_SPECIFIED', thrown.message);
    throw thrown;
  }
}
