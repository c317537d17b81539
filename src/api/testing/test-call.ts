import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import type { Call } from '../call.js';

/** A call of a superuser with a task of its own, for tests that use handlers or `invoke` directly. */
export function testCall(api: Api): Call {
  const method = api.methods.find('VM.start');
  if (!method) throw new Error('no message VM.start');
  const session = api.sessions.create({ userName: 'root', superuser: true, host: api.localHost });
  const task: Ref<'task'> = api.tasks.create({ name: 'VM.start', session, host: api.localHost });
  return {
    api,
    session,
    message: method.message,
    method: 'VM.start',
    origin: { local: true, address: 'test' },
    task: api.tasks.begin(task),
  };
}
