import { setMaxListeners } from 'node:events';
import { v4 } from 'uuid';
import type { Database } from '../db/database.js';
import { toDateTime } from '../model/datetime.js';
import { ApiError } from '../model/error.js';
import { NULL_REF, newRef, type Ref } from '../model/ref.js';
import type { RoleMask } from './roles.js';
import type { Session } from './session.js';

const HOUR = 3_600_000;

/** Limits as the original has them: they keep a client that never logs out from filling the memory. */
export const SESSION_LIMITS = {
  /** Milliseconds without a call after which a session ends. */
  idle: 24 * HOUR,
  /** Milliseconds between two updates of last_active, so that reading costs no write. */
  refresh: 600_000,
  perOriginator: 500,
  perUser: 500,
  anonymous: 400,
  /**
   * All together. The original knows no such limit; without one a client that invents a new originator for every login,
   * or logs in for the host alone, could fill the memory.
   */
  total: 20_000,
};

/** What a login knows of the session that it makes. */
export interface NewSession {
  readonly userName: string;
  readonly superuser: boolean;
  readonly pool?: boolean;
  readonly local?: boolean;
  readonly userSid?: string;
  readonly subject?: Ref<'subject'>;
  readonly roles?: RoleMask;
  readonly originator?: string;
  readonly permissions?: readonly string[];
  readonly clientCertificate?: boolean;
  readonly host: Ref<'host'>;
}

interface Held extends Session {
  readonly end: AbortController;
}

/** Owns the sessions: makes them, finds them by reference, ends those that are idle or too many. */
export class Sessions {
  readonly #db: Database;
  readonly #held = new Map<string, Held>();
  readonly #limits: typeof SESSION_LIMITS;

  constructor(db: Database, limits: Partial<typeof SESSION_LIMITS> = {}) {
    this.#db = db;
    this.#limits = { ...SESSION_LIMITS, ...limits };
  }

  create(given: NewSession): Session {
    const end = new AbortController();
    // Every call that waits listens to the end of its session, and there is no wrong number of them.
    setMaxListeners(0, end.signal);
    const now = Date.now();
    const session: Held = {
      ref: newRef<'session'>(),
      uuid: v4(),
      superuser: given.superuser,
      pool: given.pool ?? false,
      local: given.local ?? false,
      userName: given.userName,
      userSid: given.userSid ?? '',
      subject: given.subject ?? NULL_REF,
      originator: given.originator ?? '',
      roles: given.roles ?? 0,
      lastActive: now,
      ended: end.signal,
      end,
    };
    this.#makeRoom(session);
    this.#held.set(session.ref, session);
    if (!session.local) this.#record(session, given, now);
    return session;
  }

  /** The session of a reference. Throws SESSION_INVALID when there is none or it has been idle for too long. */
  find(ref: string): Session {
    const session = this.#held.get(ref);
    if (!session) throw new ApiError('SESSION_INVALID', ref);
    const now = Date.now();
    if (now - session.lastActive > this.#limits.idle) {
      this.end(ref);
      throw new ApiError('SESSION_INVALID', ref);
    }
    if (now - session.lastActive > this.#limits.refresh) {
      session.lastActive = now;
      if (!session.local) this.#db.set('session', ref, { last_active: toDateTime(now) });
    }
    return session;
  }

  /** Ends a session; whoever waits with it is woken. */
  end(ref: string): void {
    const session = this.#held.get(ref);
    if (!session) return;
    this.#held.delete(ref);
    if (this.#db.exists('session', ref)) this.#db.destroy('session', ref);
    session.end.abort();
  }

  /** Ends every session of a subject, because it may do nothing any more. */
  endOf(subject: string): void {
    for (const session of [...this.#held.values()]) if (session.subject === subject) this.end(session.ref);
  }

  /** Gives the sessions of a subject other roles, from their next call on. */
  setRoles(subject: string, roles: RoleMask): void {
    for (const session of this.#held.values()) if (session.subject === subject) session.roles = roles;
  }

  /** All sessions that live. */
  list(): Iterable<Session> {
    return this.#held.values();
  }

  /** Ends what has been idle for too long. Called now and then. */
  collect(now: number = Date.now()): void {
    for (const session of this.#held.values()) {
      if (now - session.lastActive > this.#limits.idle && !this.#hasPendingTask(session.ref)) this.end(session.ref);
    }
  }

  #record(session: Session, given: NewSession, now: number): void {
    this.#db.create(
      'session',
      {
        uuid: session.uuid,
        this_host: given.host,
        last_active: toDateTime(now),
        pool: session.pool,
        is_local_superuser: session.superuser,
        subject: session.subject,
        validation_time: toDateTime(now),
        auth_user_sid: session.userSid,
        auth_user_name: session.userName,
        rbac_permissions: given.permissions ?? [],
        originator: session.originator,
        client_certificate: given.clientCertificate ?? false,
      },
      session.ref,
    );
  }

  /** Ends the session that was idle longest, of the same originator or user, where there are as many as there may be. */
  #makeRoom(session: Session): void {
    const { perOriginator, perUser, anonymous, total } = this.#limits;
    if (this.#held.size >= total) this.#thin(() => true, total);
    if (session.pool || session.local) return;
    const ordinary = (s: Session) => !s.pool && !s.local;
    if (session.originator) this.#thin((s) => ordinary(s) && s.originator === session.originator, perOriginator);
    else if (session.userName) this.#thin((s) => ordinary(s) && s.originator === '' && s.userName === session.userName, perUser);
    else this.#thin((s) => ordinary(s) && s.originator === '' && s.userName === '', anonymous);
  }

  #thin(fits: (session: Session) => boolean, limit: number): void {
    const candidates = [...this.#held.values()].filter(fits);
    if (candidates.length < limit) return;
    const oldest = candidates.sort((a, b) => a.lastActive - b.lastActive).find((s) => !this.#hasPendingTask(s.ref));
    if (oldest) this.end(oldest.ref);
  }

  #hasPendingTask(ref: string): boolean {
    const record = this.#db.find('session', ref);
    return record?.fields.tasks.some((task) => this.#db.find('task', task)?.fields.status === 'pending') ?? false;
  }
}
