import { v4 } from 'uuid';

declare const refClass: unique symbol;

/** A reference to an object of one class, as it goes out on the wire: `OpaqueRef:` and a uuid, or the null reference. */
export type Ref<C extends string = string> = string & { readonly [refClass]: C };

/** The reference to nothing. */
export const NULL_REF = 'OpaqueRef:NULL' as Ref<never>;

/** A reference that no object has yet. */
export function newRef<C extends string>(): Ref<C> {
  return `OpaqueRef:${v4()}` as Ref<C>;
}

/** Takes text as a reference of a class. Whether an object of that class has it, the database tells. */
export function asRef<C extends string>(text: string): Ref<C> {
  return text as Ref<C>;
}

/** Null, or the empty text that some clients send for it. */
export function isNullRef(ref: string): boolean {
  return ref === NULL_REF || ref === '';
}

/** The reference as it is kept: clients that cannot say null send the empty text, and crash when they read it back. */
export function orNullRef<R extends string>(ref: R): R | typeof NULL_REF {
  return isNullRef(ref) ? NULL_REF : ref;
}
