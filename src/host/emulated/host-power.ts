import type { HostPower } from '../host.js';
import type { Clock } from './clock.js';

/** What going up and down means to the parts of a host. */
export interface PowerEffects {
  /** The host lost power. */
  down(): void;
  /** The host is up again. */
  up(): void;
}

/** The power button of an emulated host. */
export class EmulatedPower implements HostPower {
  private readonly clock: Clock;
  private readonly bootTime: number;
  private readonly effects: PowerEffects;
  private readonly listeners = new Set<(live: boolean) => void>();
  private readonly life = new AbortController();
  private up = true;

  /** Boot time in milliseconds. */
  constructor(clock: Clock, bootTime: number, effects: PowerEffects) {
    this.clock = clock;
    this.bootTime = bootTime;
    this.effects = effects;
  }

  isLive(): boolean {
    return this.up;
  }

  onLive(listener: (live: boolean) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async shutdown(): Promise<void> {
    if (!this.up) return;
    this.up = false;
    this.effects.down();
    this.tell();
  }

  /** Resolves when the host is up. */
  async powerOn(): Promise<void> {
    await this.clock.sleep(this.bootTime, this.life.signal);
    if (this.up) return;
    this.up = true;
    this.effects.up();
    this.tell();
  }

  /** Resolves when the host is down; it comes up again by itself. */
  async reboot(): Promise<void> {
    await this.shutdown();
    // Fails only when the world ends, and then nobody waits for this host.
    this.powerOn().catch(() => undefined);
  }

  close(): void {
    this.listeners.clear();
    this.life.abort();
  }

  private tell(): void {
    for (const listener of this.listeners) listener(this.up);
  }
}
