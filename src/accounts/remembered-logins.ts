import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Logins remembered at a time; the oldest is forgotten first. */
const MAX_REMEMBERED = 1000;

/** How long a login is remembered, in milliseconds. */
const REMEMBER_FOR = 10 * 60 * 1000;

/**
 * Right passwords of a short while ago, so that scripts that log in for every command do not pay the slow hash each
 * time. What is kept is keyed with a secret that never leaves this process and tied to the stored hash, so it says
 * nothing outside of it and is void when the password changes. Wrong passwords always take the slow way.
 */
export class RememberedLogins {
  readonly #secret = randomBytes(32);
  readonly #now: () => number;
  readonly #digests = new Map<string, { readonly digest: Buffer; readonly until: number }>();

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  has(name: string, password: string, stored: string): boolean {
    const remembered = this.#digests.get(name);
    if (remembered === undefined) return false;
    if (remembered.until > this.#now()) return timingSafeEqual(remembered.digest, this.#digest(password, stored));
    this.#digests.delete(name);
    return false;
  }

  add(name: string, password: string, stored: string): void {
    this.#digests.delete(name);
    const oldest = this.#digests.size >= MAX_REMEMBERED ? this.#digests.keys().next() : undefined;
    if (oldest?.done === false) this.#digests.delete(oldest.value);
    this.#digests.set(name, { digest: this.#digest(password, stored), until: this.#now() + REMEMBER_FOR });
  }

  #digest(password: string, stored: string): Buffer {
    return createHmac('sha256', this.#secret).update(stored).update('\0').update(password.normalize('NFC')).digest();
  }
}
