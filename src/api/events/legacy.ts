import type { CommittedChange } from '../../db/commit.js';
import type { Database } from '../../db/database.js';
import { ApiError } from '../../model/error.js';
import type { RecordVersion } from '../../model/record.js';
import { eventRecord } from './event-record.js';
import { parseSubscription, type Subscription } from './subscription.js';

/** Events that a client may be behind before it is told that it lost some. */
const QUEUE_LIMIT = 10_000;

interface Queue {
  classes: string[];
  subscription: Subscription;
  events: RecordVersion<'event'>[];
  lost: boolean;
  wake: (() => void)[];
}

/** The older event calls: one subscription a session, a queue of events behind it. */
export class LegacyEvents {
  readonly #db: Database;
  readonly #queues = new Map<string, Queue>();
  #lastId = 0;

  constructor(db: Database) {
    this.#db = db;
    db.onChange((changes) => this.#record(changes));
  }

  /** Number of the latest event. */
  get currentId(): number {
    return this.#lastId;
  }

  register(session: string, classes: readonly string[]): void {
    const queue = this.#queues.get(session) ?? {
      classes: [],
      subscription: parseSubscription([]),
      events: [],
      lost: false,
      wake: [],
    };
    queue.classes = [...new Set([...queue.classes, ...classes])];
    queue.subscription = parseSubscription(queue.classes);
    this.#queues.set(session, queue);
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
    for (const wake of queue?.wake.splice(0) ?? []) wake();
  }

  /** The events since the last call; waits for one. Throws SESSION_NOT_REGISTERED and EVENTS_LOST. */
  async next(session: string, signals: readonly AbortSignal[]): Promise<readonly RecordVersion<'event'>[]> {
    for (;;) {
      const queue = this.#queues.get(session);
      if (!queue) throw new ApiError('SESSION_NOT_REGISTERED', session);
      if (queue.lost) {
        this.drop(session);
        throw new ApiError('EVENTS_LOST');
      }
      if (queue.events.length) return queue.events.splice(0);
      if (signals.some((signal) => signal.aborted)) return [];
      await new Promise<void>((resolve) => {
        queue.wake.push(resolve);
        for (const signal of signals) signal.addEventListener('abort', () => resolve(), { once: true });
      });
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
        for (const wake of queue.wake.splice(0)) wake();
      }
    }
  }
}
