import type { Account } from './account.js';

/** Checks passwords: our own accounts, or PAM with our accounts for the roles. */
export interface Authenticator {
  /**
   * Who logs in with this name and password; undefined when the two do not belong together. Rejects when it cannot be
   * told: OverloadedError, AccountError, PamUnavailableError.
   */
  verify(name: string, password: string): Promise<Account | undefined>;
}
