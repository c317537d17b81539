import type { Ref } from '../model/ref.js';
import type { RoleMask } from './roles.js';

/** Who is calling. */
export interface Session {
  readonly ref: Ref<'session'>;
  readonly uuid: string;
  /** Root and the local Unix socket: no role is ever checked. */
  readonly superuser: boolean;
  /** A session between hosts of the pool. */
  readonly pool: boolean;
  /** Held in memory of this host only, valid without a database (`slave_local_login`). */
  readonly local: boolean;
  readonly userName: string;
  /** Identifier of the subject; empty for the superuser. */
  readonly userSid: string;
  readonly subject: Ref<'subject'>;
  readonly originator: string;
  roles: RoleMask;
  /** Milliseconds since the epoch. */
  lastActive: number;
  /** Aborted when the session ends: wakes whoever waits for events. */
  readonly ended: AbortSignal;
}
