/** Bounds on what a client may send. A call beyond one of them is refused like one that does not parse. */

/** Bytes of one call: the original server reads no more, and no client has a reason to send more. */
export const MAX_BODY_BYTES = 300 * 1024;

/** How deep values may nest. The model's deepest type has 3 levels; what constructors are sent besides may hold a few more. */
export const MAX_DEPTH = 64;

/** Values in one call. A full body of references holds 6,000; more than this can only be meant to make us allocate. */
export const MAX_VALUES = 50_000;

/** Digits of a whole number, with its sign: what 64 bits need at most. */
export const MAX_INTEGER_LENGTH = 20;
