import { createClient } from 'xmlrpc';
import { type Daemon, PASSWORD } from './daemon.js';
import { RpcError } from './rpc.js';

interface Reply {
  readonly Status: 'Success' | 'Failure';
  readonly Value?: unknown;
  readonly ErrorDescription?: readonly string[];
}

/** A session over XML-RPC, through the npm package xmlrpc as users have it. */
export class XmlRpcSession {
  readonly #client: ReturnType<typeof createClient>;
  #session = '';

  private constructor(port: number) {
    this.#client = createClient({ host: '127.0.0.1', port, path: '/' });
  }

  static async login(daemon: Pick<Daemon, 'port'>, user = 'root', password = PASSWORD): Promise<XmlRpcSession> {
    const session = new XmlRpcSession(daemon.port);
    session.#session = (await session.raw('session.login_with_password', user, password, '1.0', 'tests')) as string;
    return session;
  }

  /** Uses a session that was begun elsewhere. */
  static continue(daemon: Pick<Daemon, 'port'>, session: string): XmlRpcSession {
    const continued = new XmlRpcSession(daemon.port);
    continued.#session = session;
    return continued;
  }

  get session(): string {
    return this.#session;
  }

  /** Calls a message of the API within the session. Rejects with RpcError. */
  async call<T = unknown>(method: string, ...params: readonly unknown[]): Promise<T> {
    return (await this.raw(method, this.#session, ...params)) as T;
  }

  /** Calls a message with exactly these parameters. */
  raw(method: string, ...params: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#client.methodCall(method, params, (error, value) => {
        if (error) return reject(error);
        const { Status, Value, ErrorDescription = [] } = value as Reply;
        if (Status === 'Success') return resolve(Value);
        const [code = '', ...rest] = ErrorDescription;
        reject(new RpcError(code, rest));
      });
    });
  }
}
