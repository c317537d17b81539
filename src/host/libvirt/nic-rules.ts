import type { NicSpec } from '../compute.js';

/** Enforces what a card of a guest may send, and how fast, on its tap device. */
export interface NicRules {
  /** Whether the card needs rules: then its guest must not run before they are there. */
  needed(nic: NicSpec): boolean;
  /** Puts rules for a card in the place of those that its tap device had. */
  apply(tap: string, nic: NicSpec): Promise<void>;
  /** Forgets the rules of a tap device that is gone. */
  drop(tap: string): Promise<void>;
}
