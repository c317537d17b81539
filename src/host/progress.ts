/** How a long operation of a host reports and is told to stop. */
export interface Watch {
  /** Share done, 0 to 1. */
  progress(share: number): void;
  /** Aborted when the task was cancelled: the operation stops, undoes what it began and rejects. */
  readonly signal: AbortSignal;
}

/** Takes a listener off again. */
export type Unsubscribe = () => void;
