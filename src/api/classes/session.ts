import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { ClassBehaviour } from '../behaviour.js';
import { refused } from '../behaviour.js';
import type { Call } from '../call.js';
import { sameSecret } from '../secrets.js';

async function login(
  call: Call,
  userName: string,
  password: string,
  originator: string,
  local: boolean,
): Promise<Ref<'session'>> {
  const { api, origin } = call;
  const identity = origin.local
    ? { userName: userName || 'root', superuser: true }
    : await api.identities.verify(userName, password, origin.address);
  return api.sessions.create({ ...identity, originator, local, host: api.localHost }).ref;
}

function checkPoolSecret(call: Call, secret: string): void {
  if (!sameSecret(secret, call.api.poolSecret))
    throw new ApiError('SESSION_AUTHENTICATION_FAILED', 'pool', 'the pool secret is not right');
}

/** Logging in and out. */
export const session: ClassBehaviour<'session'> = {
  messages: {
    login_with_password: (call, userName, password, _version, originator) =>
      login(call, userName, password, originator || call.origin.originator || '', false),
    logout: ({ api, session: own }) => api.sessions.end(own.ref),
    change_password: ({ api, session: own }, oldPassword, newPassword) =>
      api.identities.changePassword(own.userName, oldPassword, newPassword),
    slave_login: (call, host, secret) => {
      checkPoolSecret(call, secret);
      return call.api.sessions.create({ userName: '', superuser: true, pool: true, host }).ref;
    },
    slave_local_login: (call, secret) => {
      checkPoolSecret(call, secret);
      return call.api.sessions.create({ userName: '', superuser: true, local: true, host: call.api.localHost }).ref;
    },
    slave_local_login_with_password: (call, userName, password) => login(call, userName, password, '', true),
    create_from_db_file: refused('NOT_IMPLEMENTED', 'session.create_from_db_file'),
    local_logout: ({ api, session: own }) => {
      if (!own.local) throw new ApiError('SESSION_INVALID', own.ref);
      api.sessions.end(own.ref);
    },
    get_all_subject_identifiers: ({ api }) => {
      const sids = [...api.sessions.list()].map((s) => s.userSid);
      return [...new Set(sids.filter((sid) => sid !== ''))];
    },
    logout_subject_identifier: ({ api, session: own }, sid) => {
      for (const other of [...api.sessions.list()]) {
        if (other.userSid !== sid || other.superuser || other.ref === own.ref) continue;
        api.sessions.end(other.ref);
      }
    },
  },
};
