import type { StoredRow } from '../store.js';
import type { StoreErrorReason } from '../store-error.js';
import type { PackedBatch } from './packed-batch.js';

/** What the worker is started with. */
export interface WorkerOptions {
  readonly path: string;
  readonly maxPages?: number;
}

/** Requests to the worker, one at a time of each kind. */
export type WorkerRequest =
  | { readonly kind: 'load' }
  | { readonly kind: 'write'; readonly batches: readonly PackedBatch[] }
  | { readonly kind: 'close' };

/** A StoreError as data: an error object loses its own fields on the way between threads. */
export interface ErrorData {
  readonly reason: StoreErrorReason;
  readonly message: string;
}

/** What the worker says; `written` counts the batches that are durable, from the first, and `failed` ends it; the others answer a request. */
export type WorkerReply =
  | { readonly kind: 'opened'; readonly upgraded: readonly string[] }
  | { readonly kind: 'rows'; readonly rows: readonly StoredRow[] }
  | { readonly kind: 'loaded'; readonly meta: ReadonlyMap<string, string> }
  | { readonly kind: 'written'; readonly count: number; readonly error?: ErrorData }
  | { readonly kind: 'failed'; readonly error: ErrorData };
