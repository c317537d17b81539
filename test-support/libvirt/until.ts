import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds until what has not happened counts as never happening: a guest on a busy machine takes 20 s to boot. */
const PATIENCE = 60_000;

/** Resolves to what `ask` finds, as soon as it finds something other than undefined. `what` is named when it does not. */
export async function until<T>(what: string, ask: () => Promise<T | undefined>, patience = PATIENCE): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${patience} ms`);
    await sleep(50);
  }
}
