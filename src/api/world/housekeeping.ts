import type { Api } from '../api.js';

/** Milliseconds between two rounds: clients of the older event calls stop listening for good after a silence of 30 seconds. */
const EVERY = 20_000;

/** Ends idle sessions, removes old tasks, gives a sign of life to clients that wait for events. Returns the way to stop it. */
export function startHousekeeping(api: Api, every: number = EVERY): () => void {
  const round = (): void => {
    try {
      api.sessions.collect();
      api.tasks.collect();
      api.legacyEvents.heartbeat();
    } catch (thrown) {
      api.log.error({ err: thrown }, 'housekeeping failed');
    }
  };
  const timer = setInterval(round, every);
  timer.unref();
  return () => clearInterval(timer);
}
