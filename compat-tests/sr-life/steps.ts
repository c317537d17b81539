import { it } from 'vitest';

/** Milliseconds for a step in which guests boot, on a machine that has much else to do. */
export const BOOT_STEP = 600_000;

/** Makes tests that build on each other: once one has failed, those after it are skipped, as there is nothing for them to stand on. */
export function steps(): (name: string, body: () => Promise<void>) => void {
  let hasFailed = false;
  return (name, body) => {
    it(name, { timeout: BOOT_STEP }, async ({ skip }) => {
      skip(hasFailed, 'an earlier step has failed');
      hasFailed = true;
      await body();
      hasFailed = false;
    });
  };
}
