import type { Watch } from '../progress.js';

/** A watch that keeps what it was told, and that can cancel. */
export interface RecordedWatch extends Watch {
  readonly shares: readonly number[];
  cancel(): void;
}

export function recordedWatch(): RecordedWatch {
  const controller = new AbortController();
  return {
    shares: [],
    // Uses itself, as those of tasks may: whoever takes the function out of its watch is found out.
    progress(this: { readonly shares: number[] }, share: number): void {
      this.shares.push(share);
    },
    signal: controller.signal,
    cancel: () => controller.abort(),
  };
}

/** Waits until something holds; fails after that many milliseconds. */
export async function eventually(holds: () => boolean | Promise<boolean>, ms = 5000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('what was waited for did not come');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
