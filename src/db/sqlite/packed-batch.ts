import type { StoreBatch } from '../store.js';

/** A batch in the form in which it crosses to the worker thread: plain lists of strings, the cheapest thing to clone. */
export interface PackedBatch {
  readonly rows: readonly (readonly [className: string, ref: string, text: string | null])[];
  readonly meta: readonly (readonly [name: string, value: string])[];
}

/** Packs a batch. */
export function packBatch(batch: StoreBatch): PackedBatch {
  return { rows: batch.rows.map(({ className, ref, text }) => [className, ref, text] as const), meta: [...batch.meta] };
}
