import { Agent, request } from 'node:https';
import { ApiError, isErrorCode } from '../../../model/error.js';
import { asRef, type Ref } from '../../../model/ref.js';
import type { ClassName } from '../../../model/types.js';
import { CommandFailure } from '../../failure.js';

/** Where pools listen. */
const PORT = 443;

/** Milliseconds within which another pool answers a call, to its last byte: one that sends a byte now and then is none. */
const PATIENCE = 60_000;

/** Bytes of one answer: a listing of all that a large pool has of one class. */
const LONGEST_ANSWER = 8 * 2 ** 20;

/** Version of the API that the login names. */
const API_VERSION = '1.0';

/** A record of another pool, as it came over the wire. */
export type RemoteRecord = Readonly<Record<string, unknown>>;

/** The credentials for another pool. */
export interface RemoteUser {
  readonly userName: string;
  readonly password: string;
}

/** How another pool is asked. */
export interface RemoteWays {
  /** Aborted when nobody waits for answers any more. */
  readonly gone: AbortSignal;
  /** Where that is not the usual one. */
  readonly port?: number | undefined;
  /** Milliseconds for a call, where that is not the usual time. */
  readonly patience?: number;
}

/** A session with another pool. */
export class RemotePool {
  readonly #address: string;
  readonly #agent: Agent;
  readonly #ways: RemoteWays;
  #session = '';
  #calls = 0;

  private constructor(address: string, ways: RemoteWays) {
    this.#address = address;
    this.#ways = ways;
    // Pools have certificates of their own making, and whoever gives the address means this very server.
    this.#agent = new Agent({ rejectUnauthorized: false, keepAlive: true, maxSockets: 1 });
  }

  /** Logs in to a pool at an address. Rejects with CommandFailure when it cannot be reached, with the ApiError that it answers. */
  static async logIn(address: string, { userName, password }: RemoteUser, ways: RemoteWays): Promise<RemotePool> {
    const pool = new RemotePool(address, ways);
    try {
      const session = await pool.#send('session.login_with_password', [userName, password, API_VERSION, 'xe'], ways.gone);
      pool.#session = String(session);
      return pool;
    } catch (thrown) {
      pool.#agent.destroy();
      throw thrown;
    }
  }

  /** Sends a message. Rejects with the ApiError that the pool answers, with CommandFailure when it does not. */
  call(method: string, ...args: readonly unknown[]): Promise<unknown> {
    return this.#send(method, [this.#session, ...args], this.#ways.gone);
  }

  /** Every object of a class. */
  async records<C extends ClassName>(className: C): Promise<ReadonlyMap<Ref<C>, RemoteRecord>> {
    const answer = await this.call(`${className}.get_all_records`);
    if (!isRecord(answer)) throw new CommandFailure(`${this.#address} sent no list of objects`);
    return new Map(
      Object.entries(answer).flatMap(([ref, record]) => (isRecord(record) ? [[asRef<C>(ref), record] as const] : [])),
    );
  }

  /** Logs out; whether the pool hears it does not matter any more. */
  async close(): Promise<void> {
    // Also when nobody waits any more: the other pool would keep the session.
    await this.#send('session.logout', [this.#session]).catch(() => undefined);
    this.#agent.destroy();
  }

  async #send(method: string, params: readonly unknown[], gone?: AbortSignal): Promise<unknown> {
    const deadline = AbortSignal.timeout(this.#ways.patience ?? PATIENCE);
    const signal = gone ? AbortSignal.any([gone, deadline]) : deadline;
    const text = await this.#post(JSON.stringify({ jsonrpc: '2.0', method, params, id: ++this.#calls }), signal);
    const reply = parse(text);
    if (!isRecord(reply) || !('result' in reply || 'error' in reply))
      throw new CommandFailure(`${this.#address} does not speak the API`);
    if (!('error' in reply)) return reply.result;
    throw errorOf(reply.error);
  }

  #post(body: string, signal: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) =>
        reject(new CommandFailure(`Could not ask the pool at ${this.#address}: ${signal.aborted ? 'no answer' : why}`));
      const port = this.#ways.port ?? PORT;
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const sent = request(
        { host: this.#address, port, path: '/jsonrpc', method: 'POST', headers, agent: this.#agent, signal },
        (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          response.on('data', (chunk: Buffer) => {
            size += chunk.length;
            if (size > LONGEST_ANSWER) response.destroy(new Error('the answer is too long'));
            else chunks.push(chunk);
          });
          response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
          response.on('error', ({ message }) => fail(message));
        },
      );
      sent.on('error', ({ message }) => fail(message));
      sent.end(body);
    });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is RemoteRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function errorOf(error: unknown): Error {
  const { message, data } = isRecord(error) ? error : {};
  const code = String(message);
  const params = Array.isArray(data) ? data.map(String) : [];
  return isErrorCode(code) ? new ApiError(code, ...params) : new CommandFailure([code, ...params].join(', '));
}
