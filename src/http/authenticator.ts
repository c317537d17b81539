import type { TaskHandle } from '../api/tasks.js';
import type { ApiError } from '../model/error.js';

/** What a request outside the API shows to say who it is. The first that is there counts, in this order. */
export type HttpCredentials =
  | { readonly kind: 'session'; readonly session: string }
  | { readonly kind: 'pool_secret'; readonly secret: string }
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  /** No credentials, on the Unix socket: the local superuser. */
  | { readonly kind: 'local' };

/** A session as the HTTP floor holds it for one request. */
export interface HttpSession {
  readonly ref: string;
}

/** Where a login comes from. */
export interface LoginOrigin {
  readonly address: string;
  readonly userAgent?: string;
  readonly originator?: string;
}

/** Sessions and roles, as the HTTP paths need them. */
export interface Authenticator {
  /**
   * The session that the credentials name, or a temporary one for a password, a pool secret and the local superuser;
   * undefined when they are not valid (after the usual delay where that is due).
   */
  authenticate(credentials: HttpCredentials, origin: LoginOrigin): Promise<HttpSession | undefined>;
  /** Whether the roles of a session hold a permission such as `http/get_blob` or `http/connect_console/host_console`. */
  mayUse(session: HttpSession, permission: string): boolean;
  /** Ends a temporary session; leaves any other as it is. Called once for every session that `authenticate` gave. */
  release(session: HttpSession): Promise<void>;
}

/** The task that a request outside the API drives. */
export interface HttpTask {
  readonly ref: string;
  /** What the work behind it holds: shows how far it is, and hears when somebody cancels it. */
  readonly work: TaskHandle;
  /** Marks it successful and destroys it when it was made for the request. `result` as XML-RPC text. */
  succeed(result?: string): Promise<void>;
  /** Marks it failed and destroys it when it was made for the request. */
  fail(error: ApiError): Promise<void>;
}

/** Which task a request asks for. */
export interface WantedTask {
  readonly label: string;
  /** `task_id`: a pending task of the client, to be driven and left there. Without it one is made. */
  readonly taskId?: string;
  readonly subtaskOf?: string;
}

/** Tasks, as the HTTP paths need them. */
export interface HttpTasks {
  /** Rejects with ApiError (HANDLE_INVALID) when the named task does not exist. */
  begin(session: HttpSession, wanted: WantedTask): Promise<HttpTask>;
  /** Fails a task that a request named and cannot serve, so that its client stops waiting. Unknown ones are passed over. */
  failNamed(taskId: string, error: ApiError): Promise<void>;
}
