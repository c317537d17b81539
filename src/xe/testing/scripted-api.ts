import type { RpcOutcome, RpcRequest } from '../../api/rpc.js';
import { ApiError } from '../../model/error.js';
import { asRef } from '../../model/ref.js';
import { parseType } from '../../model/type-syntax.js';
import { ApiClient } from '../api/api-client.js';

/** A message that was sent, with its arguments but the session. */
export type SentMessage = readonly [name: string, ...args: readonly unknown[]];

/** What answers a message: a value, or a function of the arguments, whose ApiError is the answer. */
export type Answer =
  | ((...args: readonly never[]) => unknown)
  | string
  | number
  | readonly unknown[]
  | ReadonlyMap<unknown, unknown>;

/**
 * An API that only answers what it was told to: for commands whose messages nothing here can carry out, and for what exactly they send.
 * Where nothing else is said, `X.get_by_uuid` answers `OpaqueRef:UUID`, `X.get_uuid` the uuid of such a reference, and everything else
 * fails. `sent` holds the messages that were none of these two.
 */
export function scriptedApi(answers: Readonly<Record<string, Answer>>): { api: ApiClient; sent: SentMessage[] } {
  const sent: SentMessage[] = [];
  const answer = (name: string, args: readonly unknown[]): unknown => {
    const given = answers[name];
    if (given === undefined && name.endsWith('.get_by_uuid')) return `OpaqueRef:${args[0]}`;
    if (given === undefined && name.endsWith('.get_uuid')) return String(args[0]).slice('OpaqueRef:'.length);
    sent.push([name, ...args]);
    if (typeof given === 'function') return given(...(args as never[]));
    if (given === undefined) throw new ApiError('MESSAGE_METHOD_UNKNOWN', name);
    return given;
  };
  const call = ({ method, params }: RpcRequest): RpcOutcome => {
    try {
      return { ok: true, type: parseType('string'), value: answer(method, params.slice(1)) };
    } catch (thrown) {
      if (thrown instanceof ApiError) return { ok: false, error: thrown };
      throw thrown;
    }
  };
  return { api: new ApiClient({ call }, { local: false, address: 'test' }, asRef('OpaqueRef:session')), sent };
}
