import { toApiError } from '../model/error.js';
import type { Api } from './api.js';
import type { Call } from './call.js';

/**
 * Does work that nobody called for, on the server's own behalf, as the message of the name would: with every right, and
 * with a task that shows it while it runs.
 */
export async function internalCall<T>(api: Api, name: string, work: (call: Call) => Promise<T>): Promise<T> {
  const method = api.methods.find(name);
  if (!method) throw new Error(`no message ${name}`);
  const ref = api.tasks.create({ name, session: undefined, host: api.localHost });
  const call: Call = {
    api,
    session: { ...api.noSession, superuser: true },
    message: method.message,
    method: name,
    origin: { local: true, address: '' },
    task: api.tasks.begin(ref),
  };
  try {
    const result = await work(call);
    api.tasks.succeed(ref, '');
    return result;
  } catch (thrown) {
    api.tasks.fail(ref, toApiError(thrown));
    throw thrown;
  }
}
