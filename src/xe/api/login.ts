import type { CallOrigin, RpcOutcome, RpcService } from '../../api/rpc.js';
import type { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import { decodeValue } from '../../wire/decode.js';
import type { Command } from '../command.js';
import type { Parameters } from '../parameters.js';
import { ApiClient } from './api-client.js';

/** A session for one command line. */
export interface Login {
  readonly ok: true;
  readonly api: ApiClient;
  /** Logs out, unless the session was there before. */
  end(): Promise<void>;
}

/** A login that failed for its user's name or password, and how that is told. */
export interface NoLogin {
  readonly ok: false;
  readonly text: string;
}

/** What the command line has to log in with. */
export interface LoginInput {
  /** A session that exists already. */
  readonly session: string | undefined;
  readonly command: Pick<Command, 'session'>;
  readonly parameters: Parameters;
}

/** Version of the API that the login names, as any client does. */
const API_VERSION = '1.0';

/**
 * Logs in with the user and password of the command line, or takes over a session that exists. Throws ApiError when the
 * login fails for anything but a wrong name or password.
 */
export async function logIn(
  rpc: RpcService,
  origin: CallOrigin,
  { session, command, parameters }: LoginInput,
): Promise<Login | NoLogin> {
  // What the command sends belongs to one request that was let in when it came.
  const inside: CallOrigin = { ...origin, admitted: true };
  if (session !== undefined) {
    await assertAdmitted(rpc, origin);
    return { ok: true, api: new ApiClient(rpc, inside, session as Ref<'session'>), end: async () => undefined };
  }
  const user = parameters.text('username', '');
  const password = parameters.text('password', '');
  const local = command.session === 'local';
  const outcome = await send(
    rpc,
    origin,
    local ? 'session.slave_local_login_with_password' : 'session.login_with_password',
    local ? [user, password] : [user, password, API_VERSION, origin.originator ?? ''],
  );
  if (!outcome.ok) return noLogin(outcome.error, user);
  const ref = outcome.value as Ref<'session'>;
  const logout = local ? 'session.local_logout' : 'session.logout';
  const end = async () => {
    // A session that has ended meanwhile needs no end.
    await send(rpc, inside, logout, [ref]);
  };
  return { ok: true, api: new ApiClient(rpc, inside, ref), end };
}

/** Has a request that needs no login let in and counted as any other. Throws ApiError TOO_BUSY. */
async function assertAdmitted(rpc: RpcService, origin: CallOrigin): Promise<void> {
  const outcome = await send(rpc, origin, 'system.isAlive:xe', ['']);
  if (!outcome.ok) throw outcome.error;
}

function noLogin(error: ApiError, user: string): NoLogin {
  if (error.code !== 'SESSION_AUTHENTICATION_FAILED') throw error;
  return { ok: false, text: user === '' ? 'Username/password must be specified' : 'Authentication failed' };
}

async function send(rpc: RpcService, origin: CallOrigin, method: string, params: readonly unknown[]): Promise<RpcOutcome> {
  return rpc.call({
    method,
    params,
    decode: decodeValue,
    textOf: (raw) => (typeof raw === 'string' ? raw : undefined),
    origin,
  });
}
