import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { EndpointSchema } from '../../schema/define.js';
import { ApiError } from '../model/error.js';
import type { Authenticator, HttpCredentials, HttpSession, HttpTask, HttpTasks } from './authenticator.js';
import type { BodyContext } from './body.js';
import { parameter, parseCookies, parseCredentials, type Target } from './credentials.js';
import { HttpError } from './error-page.js';

/** What endpoints get from the rest of the daemon. */
export interface EndpointServices {
  readonly authenticator: Authenticator;
  readonly tasks: HttpTasks;
}

/** A request for one of the model's HTTP endpoints, CONNECT included. */
export class EndpointRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly logger: Logger;
  private readonly cookies: ReadonlyMap<string, string>;
  private readonly credentials: HttpCredentials | undefined;
  private session: HttpSession | undefined;
  private taskBegun = false;

  constructor(
    readonly endpoint: EndpointSchema,
    /** Body of the request, to be read with `readUpload`. */
    readonly req: IncomingMessage,
    target: Target,
    readonly context: BodyContext,
    private readonly services: EndpointServices,
    logger: Logger,
  ) {
    this.path = target.path;
    this.query = target.query;
    this.headers = req.headers;
    this.cookies = parseCookies(req.headers.cookie);
    this.credentials = parseCredentials(req.headers, this.cookies, target.query, context.connection.peer.local);
    this.logger = logger.child({ request: context.connection.nextRequestId(), endpoint: endpoint.name });
  }

  /** The task that the client has named, by cookie or query. */
  get taskId(): string | undefined {
    return this.parameter('task_id');
  }

  /** A value that clients put into a cookie or into the query. */
  parameter(name: string): string | undefined {
    return parameter(name, this.cookies, this.query);
  }

  /** Whether the request says who it is: then it must be true, even where strangers may go. */
  get showsCredentials(): boolean {
    return this.credentials !== undefined;
  }

  /** The session of the request. Throws HttpError 401 when it shows no valid credentials, 403 when its roles do not suffice. */
  async authorize(): Promise<HttpSession> {
    this.session ??= await this.authenticate();
    this.require(`http/${this.endpoint.name}`, this.session);
    return this.session;
  }

  /** Asks for a finer permission of the endpoint (`sub` in the schema), after `authorize`. Throws HttpError 403. */
  requireSub(name: string): void {
    if (this.session) this.require(`http/${this.endpoint.name}/${name}`, this.session);
    else throw new Error('a finer permission was asked for before the session');
  }

  /** The task that this request drives: the one that the client has named, or one made for it. After `authorize`. */
  async beginTask(label: string): Promise<HttpTask> {
    if (!this.session) throw new Error('a task was begun before the session');
    const [taskId, subtaskOf] = [this.taskId, this.parameter('subtask_of')];
    const task = await this.services.tasks.begin(this.session, {
      label,
      ...(taskId && { taskId }),
      ...(subtaskOf && { subtaskOf }),
    });
    this.taskBegun = true;
    return task;
  }

  /** Ends what the request has used. A task that the client waits for and no handler has taken is failed with the reason. */
  async end(failure?: unknown): Promise<void> {
    const { taskId } = this;
    try {
      if (failure !== undefined && taskId && !this.taskBegun) await this.services.tasks.failNamed(taskId, taskErrorOf(failure));
    } finally {
      if (this.session) await this.services.authenticator.release(this.session);
    }
  }

  private async authenticate(): Promise<HttpSession> {
    const { credentials } = this;
    const { peer } = this.context.connection;
    const userAgent = this.headers['user-agent'];
    const originator = this.headers.originator;
    const session =
      credentials &&
      (await this.services.authenticator.authenticate(credentials, {
        address: peer.address,
        ...(userAgent !== undefined && { userAgent }),
        ...(typeof originator === 'string' && { originator }),
      }));
    if (session) return session;
    throw new HttpError(
      401,
      'valid credentials are needed here',
      { 'WWW-Authenticate': 'Basic realm="XenAPI"' },
      {
        cause: new ApiError(
          'SESSION_AUTHENTICATION_FAILED',
          credentials?.kind === 'password' ? credentials.user : '',
          'not authenticated',
        ),
      },
    );
  }

  private require(permission: string, session: HttpSession): void {
    if (this.services.authenticator.mayUse(session, permission)) return;
    throw new HttpError(
      403,
      'your roles do not permit this',
      {},
      {
        cause: new ApiError('RBAC_PERMISSION_DENIED', permission, 'No permission in user session'),
      },
    );
  }
}

/** Answers one endpoint. Whatever it throws becomes a page: HttpError as it says, anything else 500. */
export type EndpointHandler = (request: EndpointRequest, res: ServerResponse) => Promise<void>;

/** The refusal that stands for anything that was thrown. */
export function toHttpError(thrown: unknown): HttpError {
  if (thrown instanceof HttpError) return thrown;
  if (thrown instanceof ApiError) return new HttpError(500, thrown.message, {}, { cause: thrown });
  return new HttpError(500, 'the server has failed', {}, { cause: thrown });
}

function taskErrorOf(failure: unknown): ApiError {
  if (failure instanceof ApiError) return failure;
  if (failure instanceof HttpError) {
    if (failure.cause instanceof ApiError) return failure.cause;
    return new ApiError('INTERNAL_ERROR', failure.message);
  }
  return new ApiError('INTERNAL_ERROR', 'the server has failed');
}

/**
 * Endpoints that clients ask without being told to, and whose absence they take as an empty answer. XenCenter looks for
 * updates after every connect, and shows any other status as an error.
 */
const EXPECTED_TO_BE_ABSENT: ReadonlySet<string> = new Set(['get_updates']);

/** What an endpoint answers that nothing here serves. */
export function notServed(endpoint: EndpointSchema): HttpError {
  return new HttpError(
    EXPECTED_TO_BE_ABSENT.has(endpoint.name) ? 404 : 501,
    `${endpoint.method} ${endpoint.path} is not offered by this server`,
    {},
    {
      cause: new ApiError('NOT_IMPLEMENTED', endpoint.name),
    },
  );
}
