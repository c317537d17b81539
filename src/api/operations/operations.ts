import type { TouchedRow } from '../../db/commit.js';
import type { Database } from '../../db/database.js';
import { ApiError } from '../../model/error.js';
import { isNullRef, newRef } from '../../model/ref.js';
import type { ClassName, Fields } from '../../model/types.js';
import type { TaskHandle } from '../tasks.js';
import { type Patience, retry } from './retry.js';
import type { Influence, OperableClass, OperationOf, OperationRules } from './rule.js';

type AnyRules = OperationRules<OperableClass>;
type Values = Readonly<Record<string, unknown>>;

/** Sets of operations that are kept to be shared: there are some dozens in practice, and no use in more. */
const SHARED_SETS = 1000;

/** What a piece of work does to one object. */
export interface Target<C extends OperableClass> {
  readonly className: C;
  readonly ref: string;
  readonly operation: OperationOf<C>;
}

/** Names a target with its types checked. */
export function target<C extends OperableClass>(className: C, ref: string, operation: OperationOf<C>): Target<C> {
  return { className, ref, operation };
}

/**
 * Owns allowed_operations and current_operations: keeps the first true at every transaction, takes the second around a
 * piece of work, and lets work wait while something else has the object.
 */
export class Operations {
  readonly #db: Database;
  readonly #rules = new Map<ClassName, AnyRules>();
  readonly #sets = new Map<string, readonly OperationOf<OperableClass>[]>();
  readonly #influences = new Map<ClassName, Pick<AnyRules, 'inputs' | 'dependents'>>();

  constructor(db: Database, rules: readonly unknown[], influences: readonly unknown[] = []) {
    this.#db = db;
    for (const entry of rules as readonly AnyRules[]) {
      this.#rules.set(entry.className, entry);
      this.#influences.set(entry.className, entry);
    }
    for (const entry of influences as readonly Influence<ClassName>[])
      this.#influences.set(entry.className, entry as unknown as AnyRules);
    db.derive((touched) => this.#derive(touched));
  }

  /** Brings allowed_operations of every object up to date: they are not kept on disk. Called once after the database was opened. */
  refreshAll(): void {
    for (const rules of this.#rules.values()) {
      for (const { ref, version } of this.#db.table(rules.className).rows.values()) {
        const allowed_operations = this.#shared(this.#allowed(rules, ref, version.fields as Fields<OperableClass>));
        this.#db.complete(rules.className, ref, { allowed_operations } as Partial<Fields<OperableClass>>);
      }
    }
  }

  /** Computes allowed_operations of one object anew. */
  refresh(className: OperableClass, ref: string): void {
    const rules = this.#rules.get(className);
    const record = this.#db.find(className, ref);
    if (!rules || !record) return;
    const allowed_operations = this.#shared(this.#allowed(rules, ref, record.fields as Fields<OperableClass>));
    this.#db.set(className, ref, { allowed_operations } as Partial<Fields<OperableClass>>);
  }

  #allowed({ advertised, check }: AnyRules, ref: string, fields: Fields<OperableClass>): readonly OperationOf<OperableClass>[] {
    return advertised.filter((op) => !check(this.#db, ref, fields, op, false));
  }

  /** Thousands of objects allow the same few sets of operations: each set is kept once. */
  #shared(operations: readonly OperationOf<OperableClass>[]): readonly OperationOf<OperableClass>[] {
    const key = operations.join(' ');
    const known = this.#sets.get(key);
    if (known) return known;
    if (this.#sets.size < SHARED_SETS) this.#sets.set(key, operations);
    return operations;
  }

  /** Throws the reason why an operation cannot be done now. */
  assert<C extends OperableClass>({ className, ref, operation }: Target<C>): void {
    const rules = this.#rules.get(className) as OperationRules<C> | undefined;
    const reason = rules?.check(this.#db, ref, this.#db.get(className, ref), operation, true);
    if (reason) throw reason;
  }

  /**
   * Does work while the objects show the operations. Waits while something else has one of them, as long as the
   * patience lasts; any other reason against it is thrown at once.
   */
  async run<T>(
    task: TaskHandle,
    targets: readonly Target<OperableClass>[],
    work: () => T | Promise<T>,
    patience: Patience = 'standard',
  ): Promise<T> {
    const key = isNullRef(task.ref) ? newRef() : task.ref;
    await retry(this.#db, task, patience, () => this.#take(key, targets));
    try {
      return await work();
    } finally {
      this.#release(key, targets);
    }
  }

  /** Marks objects that were just made as being worked on: nothing is checked. Until `end`, or the end of the daemon. */
  begin(task: TaskHandle, targets: readonly Target<OperableClass>[]): void {
    this.#db.transaction(() => {
      for (const entry of targets) this.#setCurrent(entry, new Map([[task.ref, entry.operation]]));
    });
  }

  /** Ends what `begin` began. Objects that have gone meanwhile are passed over. */
  end(task: TaskHandle, targets: readonly Target<OperableClass>[]): void {
    this.#release(task.ref, targets);
  }

  #take(key: string, targets: readonly Target<OperableClass>[]): void {
    this.#db.transaction(() => {
      for (const entry of targets) {
        this.assert(entry);
        const current = this.#db.get(entry.className, entry.ref).current_operations as ReadonlyMap<string, string>;
        this.#setCurrent(entry, new Map([...current, [key, entry.operation]]));
      }
    });
  }

  #release(key: string, targets: readonly Target<OperableClass>[]): void {
    this.#db.transaction(() => {
      for (const entry of targets) {
        const current = this.#db.find(entry.className, entry.ref)?.fields.current_operations as
          | ReadonlyMap<string, string>
          | undefined;
        if (current?.has(key)) this.#setCurrent(entry, new Map([...current].filter(([holder]) => holder !== key)));
      }
    });
  }

  #setCurrent({ className, ref }: Target<OperableClass>, current: ReadonlyMap<string, string>): void {
    this.#db.set(className, ref, { current_operations: current } as Partial<Fields<OperableClass>>);
  }

  #derive(touched: Iterable<TouchedRow>): void {
    const done = new Set<string>();
    for (const { table, row, before, created, destroyed } of touched) {
      const className = table.model.name;
      const influence = this.#influences.get(className);
      if (!influence) continue;
      const fields = row.version.fields as Fields<OperableClass>;
      if (!created && !destroyed && before && !this.#changed(influence, before.fields as Values, fields as unknown as Values))
        continue;
      if (!destroyed) this.#refreshOnce(done, className, row.ref);
      for (const state of before ? [before.fields as Fields<OperableClass>, fields] : [fields])
        for (const [other, ref] of influence.dependents?.(this.#db, row.ref, state) ?? []) this.#refreshOnce(done, other, ref);
    }
  }

  #changed({ inputs }: Pick<AnyRules, 'inputs'>, before: Values, after: Values): boolean {
    return before.current_operations !== after.current_operations || inputs.some((name) => before[name] !== after[name]);
  }

  #refreshOnce(done: Set<string>, className: ClassName, ref: string): void {
    if (done.has(ref) || !this.#rules.has(className)) return;
    done.add(ref);
    this.refresh(className as OperableClass, ref);
  }
}

/** OTHER_OPERATION_IN_PROGRESS as the original words it. */
export function inProgress(className: string, ref: string, operation: string, task: string): ApiError {
  return new ApiError('OTHER_OPERATION_IN_PROGRESS', className, ref, operation, task);
}
