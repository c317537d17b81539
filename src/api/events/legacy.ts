import type { CommittedChange } from '../../db/commit.js';
import type { Database } from '../../db/database.js';
import { ApiError } from '../../model/error.js';
import type { RecordVersion } from '../../model/record.js';
import type { Session } from '../session.js';
import { eventRecord } from './event-record.js';
import { parseSubscription, type Subscription } from './subscription.js';

/** Events that a client may be behind before it is told that it lost some. */
const QUEUE_LIMIT = 10_000;

/** Names that one session may be registered for: every class and thousands of single objects. */
const NAMES_LIMIT = 10_000;

interface Queue {
  classes: readonly string[];
  subscription: Subscription;
  events: RecordVersion<'event'>[];
  lost: boolean;
  readonly waiting: Set<() => void>;
}

/** The older event calls: one subscription a session, a queue of events behind it. */
export class LegacyEvents {
  readonly #db: Database;
  readonly #queues = new Map<string, Queue>();
  /** Sessions whose end is listened to: one may lose its queue and register again many times. */
  readonly #followed = new WeakSet<AbortSignal>();
  #lastId = 0;
  #closed = false;

  constructor(db: Database) {
    this.#db = db;
    db.onChange((changes) => this.#record(changes));
  }

  /** Number of the latest event. */
  get currentId(): number {
    return this.#lastId;
  }

  /** Adds classes to what a session hears of. Its queue goes when the session ends. */
  register(session: Pick<Session, 'ref' | 'ended'>, classes: readonly string[]): void {
    const known = this.#queues.get(session.ref);
    const all = [...new Set([...(known?.classes ?? []), ...classes])];
    if (all.length > NAMES_LIMIT)
      throw new ApiError('EVENT_SUBSCRIPTION_PARSE_FAILURE', `a session may be registered for ${NAMES_LIMIT} names`);
    const subscription = parseSubscription(all);
    if (known) {
      Object.assign(known, { classes: all, subscription });
      return;
    }
    this.#queues.set(session.ref, { classes: all, subscription, events: [], lost: false, waiting: new Set() });
    if (this.#followed.has(session.ended)) return;
    this.#followed.add(session.ended);
    session.ended.addEventListener('abort', () => this.drop(session.ref), { once: true });
  }

  unregister(session: string, classes: readonly string[]): void {
    const queue = this.#queues.get(session);
    if (!queue) return;
    const gone = new Set(classes.map((name) => name.toLowerCase()));
    queue.classes = queue.classes.filter((name) => !gone.has(name.toLowerCase()));
    if (queue.classes.length) queue.subscription = parseSubscription(queue.classes);
    else this.drop(session);
  }

  /** Forgets a session; its waiting calls are woken. */
  drop(session: string): void {
    const queue = this.#queues.get(session);
    this.#queues.delete(session);
    for (const wake of queue?.waiting ?? []) wake();
  }

  /** Wakes everybody, and lets nobody wait from now on: the server ends. */
  close(): void {
    this.#closed = true;
    for (const queue of this.#queues.values()) for (const wake of queue.waiting) wake();
  }

  /**
   * The events since the last call; waits for one, or until one of the signals says so or the server ends: then there
   * are none. Throws SESSION_NOT_REGISTERED and EVENTS_LOST.
   */
  async next(session: string, signals: readonly AbortSignal[]): Promise<readonly RecordVersion<'event'>[]> {
    for (;;) {
      // Before the queue: that of a session which ended is gone, and its client is to hear of the session instead.
      if (this.#closed || signals.some((signal) => signal.aborted)) return [];
      const queue = this.#queues.get(session);
      if (!queue) throw new ApiError('SESSION_NOT_REGISTERED', session);
      if (queue.lost) {
        this.drop(session);
        throw new ApiError('EVENTS_LOST');
      }
      if (queue.events.length) return tasksLast(queue.events.splice(0));
      await woken(queue, signals);
    }
  }

  /** Sends a sign of life to everybody: an event of the pool that says nothing new. */
  heartbeat(): void {
    for (const row of this.#db.table('pool').rows.values())
      this.#record([{ kind: 'touch', table: this.#db.table('pool'), row, before: row.version, stored: false }]);
  }

  #record(changes: readonly CommittedChange[]): void {
    for (const { kind, table, row } of changes) {
      if (!table.model.schema.events) continue;
      const id = ++this.#lastId;
      if (!this.#queues.size) continue;
      const event = eventRecord(table, kind === 'touch' ? 'mod' : kind, row.ref, id, row.version);
      for (const queue of this.#queues.values()) {
        if (!queue.subscription.table(table) || !queue.subscription.object(table, row.ref)) continue;
        if (queue.events.length >= QUEUE_LIMIT) {
          queue.lost = true;
          queue.events = [];
        } else if (!queue.lost) queue.events.push(event);
        for (const wake of queue.waiting) wake();
      }
    }
  }
}

/** Resolves when the queue has something, or one of the signals says so; leaves nothing behind on either. */
function woken(queue: Queue, signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      queue.waiting.delete(wake);
      for (const signal of signals) signal.removeEventListener('abort', wake);
      resolve();
    };
    queue.waiting.add(wake);
    for (const signal of signals) signal.addEventListener('abort', wake);
  });
}

/**
 * Events of tasks after those of objects. A client that acts on the end of a task looks for the object which the task
 * made, and one of them throws away the rest of an answer when it meets a task that it did not start.
 */
function tasksLast(events: readonly RecordVersion<'event'>[]): readonly RecordVersion<'event'>[] {
  const ofTask = (event: RecordVersion<'event'>) => event.fields.class === 'task';
  return [...events.filter((event) => !ofTask(event)), ...events.filter(ofTask)];
}
