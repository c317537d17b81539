import { Agent, request } from 'node:http';
import { type Daemon, PASSWORD } from './daemon.js';

/** An error of the API, as it arrived. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: string;
  readonly params: readonly string[];

  constructor(code: string, params: readonly string[]) {
    super(`${code}(${params.join(', ')})`);
    this.code = code;
    this.params = params;
  }
}

/** Records as JSON brings them: enough for tests, which compare what they read. */
export type JsonRecord = Record<string, unknown>;

/** A session over JSON-RPC 2.0 on kept connections. */
export class Rpc {
  readonly #url: URL;
  readonly #agent: Agent;
  #session = '';
  #id = 0;

  private constructor(url: string, connections: number) {
    this.#url = new URL('/jsonrpc', url);
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** Logs in. Rejects with RpcError, or with the socket's error when nobody answers. */
  static async login(daemon: Pick<Daemon, 'http'>, user = 'root', password = PASSWORD, connections = 8): Promise<Rpc> {
    const rpc = new Rpc(daemon.http, connections);
    rpc.#session = (await rpc.raw('session.login_with_password', user, password, '1.0', 'tests')) as string;
    return rpc;
  }

  get session(): string {
    return this.#session;
  }

  /** Calls a message of the API within the session. Rejects with RpcError. */
  async call<T = unknown>(method: string, ...params: readonly unknown[]): Promise<T> {
    return (await this.raw(method, this.#session, ...params)) as T;
  }

  /** Calls a message with exactly these parameters. */
  async raw(method: string, ...params: readonly unknown[]): Promise<unknown> {
    const body = JSON.stringify({ jsonrpc: '2.0', method, params, id: ++this.#id });
    const text = await this.#post(body);
    const reply = JSON.parse(text) as { result?: unknown; error?: { message: string; data: string[] } };
    if (reply.error !== undefined) throw new RpcError(reply.error.message, reply.error.data);
    return reply.result;
  }

  /** Ends the connections; the session stays. */
  close(): void {
    this.#agent.destroy();
  }

  #post(body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const sent = request(
        this.#url,
        {
          method: 'POST',
          agent: this.#agent,
          headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        },
        (reply) => {
          const parts: Buffer[] = [];
          reply.on('data', (part: Buffer) => parts.push(part));
          reply.on('error', reject);
          reply.on('aborted', () => reject(new Error('the reply was cut off')));
          reply.on('end', () => resolve(Buffer.concat(parts).toString('utf8')));
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }
}
