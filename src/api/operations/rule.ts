import type { Database } from '../../db/database.js';
import type { ApiError } from '../../model/error.js';
import type { ClassName, Fields } from '../../model/types.js';

/** Classes that have allowed_operations and current_operations. */
export type OperableClass = {
  [C in ClassName]: 'current_operations' extends keyof Fields<C> ? C : never;
}[ClassName];

/** Operations of a class. */
export type OperationOf<C extends OperableClass> =
  Fields<C> extends { readonly current_operations: ReadonlyMap<string, infer O extends string> } ? O : never;

/** When the operations of a class may be done. */
export interface OperationRules<C extends OperableClass> {
  readonly className: C;
  /** What allowed_operations may list, in its order. */
  readonly advertised: readonly OperationOf<C>[];
  /**
   * Why an operation cannot be done now: the first reason in the original's order, or undefined. `aboutToRun` adds the
   * checks that are made only then. Called often: it must cost no more than a few look-ups.
   */
  check(db: Database, ref: string, fields: Fields<C>, operation: OperationOf<C>, aboutToRun: boolean): ApiError | undefined;
  /** Fields of the class on which the answers depend. current_operations always counts. */
  readonly inputs: readonly (keyof Fields<C> & string)[];
  /** Objects whose answers depend on those fields of this one. */
  dependents?(db: Database, ref: string, fields: Fields<C>): Iterable<readonly [OperableClass, string]>;
}

/** How an object of a class without operations of its own makes others change theirs: a PBD the SR's, say. */
export interface Influence<C extends ClassName> {
  readonly className: C;
  readonly inputs: readonly (keyof Fields<C> & string)[];
  dependents(db: Database, ref: string, fields: Fields<C>): Iterable<readonly [OperableClass, string]>;
}
