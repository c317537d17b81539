import { ApiError } from '../model/error.js';

/** How a long operation of a host reports and is told to stop. */
export interface Watch {
  /** Share done, 0 to 1. */
  progress(share: number): void;
  /** Aborted when the task was cancelled: the operation stops, undoes what it began and rejects. */
  readonly signal: AbortSignal;
}

/** Takes a listener off again. */
export type Unsubscribe = () => void;

/** The error of an operation that was told to stop: the reason that the task gave, where it is an error of the API. */
export function cancellation(signal: AbortSignal): ApiError {
  return signal.reason instanceof ApiError ? signal.reason : new ApiError('TASK_CANCELLED', '');
}

/** Throws when the operation was told to stop. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw cancellation(signal);
}
