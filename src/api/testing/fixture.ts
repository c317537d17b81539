import { pino } from 'pino';
import { MemoryStore } from '../../db/memory-store.js';
import { openDatabase } from '../../db/open.js';
import { ApiError } from '../../model/error.js';
import { findPersona } from '../../model/personas/index.js';
import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { buildApi } from '../build.js';
import type { CallOrigin, RpcRequest } from '../rpc.js';
import type { Session } from '../session.js';

/** An API over an empty pool of one host, for tests of handlers: values go in and out as the daemon holds them, no wire in between. */
export interface ApiFixture {
  readonly api: Api;
  readonly host: Ref<'host'>;
  readonly session: Session;
  /** Calls a message with a superuser's session. Rejects with the ApiError that a client would get. */
  call<T = unknown>(method: string, ...args: unknown[]): Promise<T>;
  /** Calls with another session. */
  callAs<T = unknown>(session: Session, method: string, ...args: unknown[]): Promise<T>;
  /** Calls with another session, and with headers of a request. */
  callFrom<T = unknown>(origin: Partial<CallOrigin>, session: Session, method: string, ...args: unknown[]): Promise<T>;
  /** Starts `Async.METHOD` and waits for the end of its task; resolves with the task's reference. */
  callAsync(method: string, ...args: unknown[]): Promise<Ref<'task'>>;
}

/** A directory that nobody can make, not even root. */
const NO_DIRECTORY = '/proc/no-data-directory';

/** Builds the fixture; each has a database of its own. Without a data directory, what needs one fails. */
export async function apiFixture(dataDir = NO_DIRECTORY): Promise<ApiFixture> {
  const db = await openDatabase(new MemoryStore(), (error) => {
    throw error;
  });
  const persona = findPersona('xcp-ng-8.3');
  if (!persona) throw new Error('no such persona');
  const host = db.create('host', { name_label: 'host one', enabled: true, address: '192.0.2.1', hostname: 'one' });
  db.create('pool', { name_label: 'pool', master: host });
  const { api, dispatcher } = buildApi(
    {
      db,
      log: pino({ level: 'silent' }),
      identities: {
        verify: (userName) => Promise.reject(new ApiError('SESSION_AUTHENTICATION_FAILED', userName, 'nobody logs in here')),
        changePassword: () => Promise.reject(new ApiError('NOT_IMPLEMENTED', 'session.change_password')),
        rolesChanged: () => Promise.resolve(),
        subjectRemoved: () => Promise.resolve(),
      },
      persona,
      poolSecret: 'pool secret of the fixture',
      dataDir,
    },
    host,
  );
  const session = api.sessions.create({ userName: 'root', superuser: true, host });
  const callFrom = async <T>(origin: Partial<CallOrigin>, as: Session, method: string, ...args: unknown[]): Promise<T> => {
    const outcome = await dispatcher.call(request(method, [as.ref, ...args], origin));
    if (!outcome.ok) throw outcome.error;
    return outcome.value as T;
  };
  const callAs = <T>(as: Session, method: string, ...args: unknown[]) => callFrom<T>({}, as, method, ...args);
  const call = <T>(method: string, ...args: unknown[]) => callAs<T>(session, method, ...args);
  return {
    api,
    host,
    session,
    call,
    callAs,
    callFrom,
    callAsync: async (method, ...args) => {
      const task = await call<Ref<'task'>>(`Async.${method}`, ...args);
      while (db.get('task', task).status === 'pending') await new Promise((resolve) => setTimeout(resolve, 5));
      return task;
    },
  };
}

function request(method: string, params: readonly unknown[], origin: Partial<CallOrigin>): RpcRequest {
  return {
    method,
    params,
    decode: (_type, raw) => raw,
    textOf: (raw) => (typeof raw === 'string' ? raw : undefined),
    origin: { local: false, address: 'test', ...origin },
  };
}
