import type { MessageModel } from '../model/message-model.js';
import type { Api } from './api.js';
import type { CallOrigin } from './rpc.js';
import type { Session } from './session.js';
import type { TaskHandle } from './tasks.js';

/** One call on its way through a handler: who calls, what for, and everything that the work may need. */
export interface Call {
  readonly api: Api;
  readonly session: Session;
  readonly message: MessageModel;
  /** Name as sent, which tasks show. */
  readonly method: string;
  readonly origin: CallOrigin;
  /** The task of the call. Calls without an async form have a stand-in that nobody sees. */
  readonly task: TaskHandle;
}
