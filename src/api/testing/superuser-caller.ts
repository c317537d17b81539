import type { Api } from '../api.js';
import { Dispatcher } from '../dispatcher.js';

/** Calls messages of an API with a superuser's session, values in and out as the daemon holds them. Rejects with ApiErrors. */
export function superuserCaller(api: Api): <T = unknown>(method: string, ...args: unknown[]) => Promise<T> {
  const session = api.sessions.create({ userName: 'root', superuser: true, host: api.localHost });
  const dispatcher = new Dispatcher(api);
  return async <T>(method: string, ...args: unknown[]) => {
    const outcome = await dispatcher.call({
      method,
      params: [session.ref, ...args],
      decode: (_type, raw) => raw,
      textOf: (raw) => (typeof raw === 'string' ? raw : undefined),
      origin: { local: false, address: 'test' },
    });
    if (!outcome.ok) throw outcome.error;
    return outcome.value as T;
  };
}
