import { findClassModel } from '../../model/class-model.js';
import { ApiError } from '../../model/error.js';
import type { EventBatch } from '../../model/types.js';
import type { ClassBehaviour } from '../behaviour.js';
import type { Call } from '../call.js';
import { collectEvents } from '../events/collect.js';
import { parseSubscription } from '../events/subscription.js';
import { formatToken, parseToken } from '../events/token.js';

/** Seconds that a call waits when it names no time, or one that makes no sense. */
const LONGEST_WAIT = 24 * 3600;

/** Waits until the client has something to hear of, or its time is over. */
async function from(call: Call, classes: readonly string[], tokenText: string, timeout: number): Promise<EventBatch> {
  const { api, session, origin } = call;
  const token = parseToken(tokenText);
  const subscription = parseSubscription(classes);
  const seconds = timeout >= 0 && timeout < LONGEST_WAIT ? timeout : LONGEST_WAIT;
  const end = performance.now() + seconds * 1000;
  const signals = origin.signal ? [session.ended, origin.signal] : [session.ended];
  for (;;) {
    const batch = collectEvents(api.db, subscription, token);
    const left = end - performance.now();
    if (batch.events.length || left <= 0 || origin.signal?.aborted || api.waiters.closed) return batch;
    await api.waiters.wait(subscription, left, signals);
    if (session.ended.aborted) throw new ApiError('SESSION_INVALID', session.ref);
  }
}

/** Telling clients what changed. */
export const event: ClassBehaviour<'event'> = {
  messages: {
    from,
    register: ({ api, session }, classes) => api.legacyEvents.register(session, classes),
    unregister: ({ api, session }, classes) => api.legacyEvents.unregister(session.ref, classes),
    next: async ({ api, session, origin }) => {
      const events = await api.legacyEvents.next(session.ref, origin.signal ? [session.ended, origin.signal] : [session.ended]);
      if (session.ended.aborted) throw new ApiError('SESSION_INVALID', session.ref);
      return events;
    },
    get_current_id: ({ api }) => api.legacyEvents.currentId,
    inject: ({ api }, className, ref) => {
      const model = findClassModel(className);
      const known = model !== undefined && model.schema.storage !== 'none' && api.db.exists(model.name, ref);
      if (!known) throw new ApiError('HANDLE_INVALID', className, ref);
      const token = formatToken({ objects: api.db.generation, messages: api.db.messageGeneration });
      api.db.touch(model.name, ref);
      return token;
    },
  },
};
