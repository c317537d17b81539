import type { Database } from '../db/database.js';
import { fromDateTime, NEVER, toDateTime } from '../model/datetime.js';
import { ApiError } from '../model/error.js';
import { NULL_REF, type Ref } from '../model/ref.js';
import type { Session } from './session.js';

const MINUTE = 60_000;

/** How long tasks are kept, as the original does; clients poll a task for a while after it has ended. */
export const TASK_LIMITS = { finished: 65 * MINUTE, pending: 24 * 60 * MINUTE, kept: 200 };

/** The work of one task, as the worker sees it. */
export interface TaskHandle {
  readonly ref: Ref<'task'>;
  /** Aborted when somebody cancelled the task. */
  readonly signal: AbortSignal;
  /** Share done, 0 to 1. */
  progress(share: number): void;
  /** Lets clients see that the work can be cancelled at this point, or no longer. */
  cancellable(possible: boolean): void;
  /** Throws TASK_CANCELLED when somebody cancelled the task. */
  check(): void;
}

export interface NewTask {
  readonly name: string;
  readonly description?: string;
  readonly session: Session | undefined;
  readonly host: Ref<'host'>;
  readonly subtaskOf?: string;
  readonly otherConfig?: ReadonlyMap<string, string>;
}

interface Work {
  readonly handle: TaskHandle;
  readonly cancel: AbortController;
  /** A client asked for its end while it ran. */
  destroyAtEnd: boolean;
}

interface TaskEnd {
  readonly status: 'success' | 'failure' | 'cancelled';
  readonly result?: string;
  readonly error_info?: readonly string[];
}

/** Milliseconds that cancelled work gets at the end of the daemon to undo what it has begun. */
const TIDYING = 2000;

/** Progress is written at most this often per task (milliseconds): each write is an event for every client. */
const PROGRESS_INTERVAL = 200;

/** Owns the task records and the work behind them. */
export class Tasks {
  readonly #db: Database;
  readonly #work = new Map<string, Work>();
  readonly #whenIdle = new Set<() => void>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** Makes a pending task record. */
  create(given: NewTask): Ref<'task'> {
    const parent = given.subtaskOf && this.#db.exists('task', given.subtaskOf) ? (given.subtaskOf as Ref<'task'>) : NULL_REF;
    return this.#db.create('task', {
      name_label: given.name,
      name_description: given.description ?? '',
      created: toDateTime(),
      finished: NEVER,
      status: 'pending',
      session: given.session && !given.session.local ? given.session.ref : NULL_REF,
      resident_on: given.host,
      progress: 0,
      type: '<none/>',
      subtask_of: parent,
      other_config: given.otherConfig ?? new Map(),
    });
  }

  /** Takes up the work of a task: what a worker holds while it runs. */
  begin(ref: Ref<'task'>): TaskHandle {
    const known = this.#work.get(ref);
    if (known) return known.handle;
    const cancel = new AbortController();
    let written = 0;
    const handle: TaskHandle = {
      ref,
      signal: cancel.signal,
      progress: (share) => {
        const now = Date.now();
        if (now - written < PROGRESS_INTERVAL || !this.#pending(ref)) return;
        written = now;
        this.#db.set('task', ref, { progress: Math.min(Math.max(share, 0), 1) });
      },
      cancellable: (possible) => {
        if (this.#pending(ref)) this.#db.set('task', ref, { allowed_operations: possible ? ['cancel'] : [] });
      },
      check: () => {
        if (cancel.signal.aborted) throw new ApiError('TASK_CANCELLED', ref);
      },
    };
    this.#work.set(ref, { handle, cancel, destroyAtEnd: false });
    return handle;
  }

  /** Ends a task well; `result` is XML-RPC text of the value. */
  succeed(ref: string, result: string): void {
    this.#end(ref, { status: 'success', result });
  }

  /** Ends a task with an error; a cancelled one ends as such. */
  fail(ref: string, error: ApiError): void {
    this.#end(ref, { status: error.code === 'TASK_CANCELLED' ? 'cancelled' : 'failure', error_info: error.description });
  }

  /** Asks the worker of a task to stop. The record shows the wish; the worker ends the task. */
  cancel(ref: string, by: string): void {
    if (!this.#pending(ref)) return;
    this.#mark(ref, by, 'cancel');
    this.#work.get(ref)?.cancel.abort();
  }

  /** Removes a task; one whose work still runs goes when that has ended. */
  destroy(ref: string, by: string): void {
    const work = this.#work.get(ref);
    if (work && this.#pending(ref)) {
      this.#mark(ref, by, 'destroy');
      work.destroyAtEnd = true;
      return;
    }
    this.#work.delete(ref);
    this.#db.destroy('task', ref);
  }

  /** Whether work behind a task runs now. */
  isWorkedOn(ref: string): boolean {
    return this.#work.has(ref);
  }

  /** References of tasks whose work runs. */
  running(): string[] {
    return [...this.#work.keys()].filter((ref) => this.#pending(ref));
  }

  /**
   * Lets the work that runs come to its end, as long as that takes no more than so many milliseconds. Then all of it is
   * cancelled and gets a little longer to tidy up; what even then goes on ends as failed, so that no client waits for it.
   */
  async finish(grace: number, tidying: number = TIDYING): Promise<void> {
    await this.#idle(grace);
    for (const ref of this.running()) this.cancel(ref, ref);
    await this.#idle(tidying);
    for (const ref of this.running()) this.fail(ref, new ApiError('INTERNAL_ERROR', 'the server ended before the task did'));
  }

  /** Resolves when no work runs, or after the time. */
  #idle(milliseconds: number): Promise<void> {
    if (!this.running().length) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#whenIdle.delete(look);
        resolve();
      };
      const look = () => {
        if (!this.running().length) done();
      };
      const timer = setTimeout(done, milliseconds);
      this.#whenIdle.add(look);
    });
  }

  /** Removes what is old, and the oldest finished ones beyond the number that is kept. Called now and then. */
  collect(now: number = Date.now()): void {
    const age = (date: string) => now - fromDateTime(date);
    const finished: [string, number][] = [];
    for (const [ref, task] of [...this.#db.all('task')]) {
      if (task.status === 'pending') {
        if (age(task.created) > TASK_LIMITS.pending && !this.#work.has(ref)) this.#db.destroy('task', ref);
      } else finished.push([ref, age(task.finished === NEVER ? task.created : task.finished)]);
    }
    finished.sort((a, b) => a[1] - b[1]);
    finished.forEach(([ref, old], i) => {
      if (old > TASK_LIMITS.finished || i >= TASK_LIMITS.kept) this.#db.destroy('task', ref);
    });
  }

  /** Shows a wish that somebody has for a task. One of a kind is enough: who asks again and again must not make it grow. */
  #mark(ref: string, by: string, wish: 'cancel' | 'destroy'): void {
    const { current_operations: current } = this.#db.get('task', ref);
    if ([...current.values()].includes(wish)) return;
    this.#db.set('task', ref, { current_operations: new Map([...current, [by, wish]]) });
  }

  #pending(ref: string): boolean {
    return this.#db.find('task', ref)?.fields.status === 'pending';
  }

  #end(ref: string, end: TaskEnd): void {
    const work = this.#work.get(ref);
    this.#work.delete(ref);
    this.#write(ref, end, work?.destroyAtEnd === true);
    for (const look of [...this.#whenIdle]) look();
  }

  #write(ref: string, end: TaskEnd, destroy: boolean): void {
    if (!this.#pending(ref)) return;
    this.#db.transaction(() => {
      this.#db.set('task', ref, {
        allowed_operations: [],
        current_operations: new Map(),
        finished: toDateTime(),
        progress: 1,
        ...end,
      });
      if (destroy) this.#db.destroy('task', ref);
    });
  }
}
