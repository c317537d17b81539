import { ApiError } from '../model/error.js';
import { parseType } from '../model/type-syntax.js';
import type { RpcRequest } from './rpc.js';

const ANSWER = parseType('map(string,string)');

/**
 * Refuses a call that a client is known to make wrongly, with the failure from which it recovers. OpenXenManager's
 * assistant for new VMs gives VM.set_memory_limits the whole answer of VM.provision in place of the VM; only where the
 * message seems not to exist does it set memory and CPUs one by one, and rightly. Any other failure loses what its user
 * has chosen. Throws MESSAGE_METHOD_UNKNOWN.
 */
export function refuseKnownMistake(name: string, request: Pick<RpcRequest, 'params' | 'decode'>): void {
  if (name === 'VM.set_memory_limits' && isAnswer(request)) throw new ApiError('MESSAGE_METHOD_UNKNOWN', name);
}

/** Whether the first parameter after the session has the shape of an answer. */
function isAnswer(request: Pick<RpcRequest, 'params' | 'decode'>): boolean {
  try {
    return (request.decode(ANSWER, request.params[1]) as ReadonlyMap<string, string>).has('Status');
  } catch {
    return false;
  }
}
