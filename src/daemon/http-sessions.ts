import type { Api } from '../api/api.js';
import { permissions } from '../api/roles.js';
import { sameSecret } from '../api/secrets.js';
import type { Session } from '../api/session.js';
import { assertOwnTask } from '../api/task-owner.js';
import type {
  Authenticator,
  HttpCredentials,
  HttpSession,
  HttpTask,
  HttpTasks,
  LoginOrigin,
  WantedTask,
} from '../http/authenticator.js';
import { ApiError } from '../model/error.js';
import type { Ref } from '../model/ref.js';

/** Sessions and roles of the API, as HTTP paths ask for them. */
export class HttpSessions implements Authenticator {
  readonly #api: Api;
  readonly #temporary = new Set<string>();

  constructor(api: Api) {
    this.#api = api;
  }

  async authenticate(credentials: HttpCredentials, origin: LoginOrigin): Promise<HttpSession | undefined> {
    try {
      return await this.#session(credentials, origin);
    } catch (thrown) {
      if (thrown instanceof ApiError) return undefined;
      throw thrown;
    }
  }

  mayUse({ ref }: HttpSession, name: string): boolean {
    const session = this.#api.sessions.find(ref);
    const permission = permissions.get(name.toLowerCase());
    return session.superuser || (permission !== undefined && (session.roles & permission.mask) !== 0);
  }

  async release({ ref }: HttpSession): Promise<void> {
    if (this.#temporary.delete(ref)) this.#api.sessions.end(ref);
  }

  async #session(credentials: HttpCredentials, origin: LoginOrigin): Promise<Session> {
    const { sessions, localHost: host, identities, poolSecret } = this.#api;
    const originator = origin.originator ?? '';
    switch (credentials.kind) {
      case 'session':
        return sessions.find(credentials.session);
      case 'pool_secret':
        if (!sameSecret(credentials.secret, poolSecret))
          throw new ApiError('SESSION_AUTHENTICATION_FAILED', 'pool', 'the pool secret is not right');
        return this.#remember(sessions.create({ userName: '', superuser: true, pool: true, host }));
      case 'password': {
        const identity = await identities.verify(credentials.user, credentials.password, origin.address);
        return this.#remember(sessions.create({ ...identity, originator, host }));
      }
      case 'local':
        return this.#remember(sessions.create({ userName: 'root', superuser: true, originator, host }));
    }
  }

  #remember(session: Session): Session {
    this.#temporary.add(session.ref);
    return session;
  }
}

/** Tasks of the API, as HTTP paths drive them. */
export class HttpTaskRecords implements HttpTasks {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  async begin({ ref: session }: HttpSession, { label, taskId, subtaskOf }: WantedTask): Promise<HttpTask> {
    const { tasks, db, sessions, localHost: host } = this.#api;
    const given = taskId !== undefined;
    const owner = sessions.find(session);
    if (given) {
      assertOwnTask(db, owner, taskId);
      if (tasks.isWorkedOn(taskId)) throw new ApiError('INTERNAL_ERROR', `something works on the task ${taskId} already`);
    }
    const ref = given
      ? (taskId as Ref<'task'>)
      : tasks.create({ name: label, session: owner, host, ...(subtaskOf !== undefined && { subtaskOf }) });
    const handle = tasks.begin(ref);
    // Who made the task may have marked it as not taken up yet.
    if (given) handle.progress(0);
    const end = async () => {
      if (!given && db.exists('task', ref)) tasks.destroy(ref, ref);
      await db.durable();
    };
    return {
      ref,
      work: handle,
      succeed: async (result = '') => {
        tasks.succeed(ref, result);
        await end();
      },
      fail: async (error) => {
        tasks.fail(ref, error);
        await end();
      },
    };
  }

  async failNamed(taskId: string, error: ApiError): Promise<void> {
    const { db, tasks } = this.#api;
    // Whoever failed to show who they are must not end what somebody else's call works on.
    if (db.exists('task', taskId) && !tasks.isWorkedOn(taskId)) tasks.fail(taskId, error);
  }
}
