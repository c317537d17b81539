import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pino } from 'pino';
import type { RpcOutcome, RpcRequest, RpcService } from '../api/rpc.js';
import { standInTask } from '../api/stand-in-task.js';
import { ApiError } from '../model/error.js';
import { RecordVersion } from '../model/record.js';
import { newRef } from '../model/ref.js';
import { parseType } from '../model/type-syntax.js';
import type { Authenticator, HttpSession, HttpTasks } from './authenticator.js';
import type { BlobAccess, BlobInfo } from './endpoints/blob-access.js';
import { type HttpOptions, type RunningHttp, startHttp } from './server.js';

/** One reply as it came off a socket. */
export interface RawReply {
  readonly status: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Splits what a server has sent into replies; the last may be cut off and is then left out. */
export function parseReplies(bytes: Buffer): RawReply[] {
  const replies: RawReply[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) break;
    const [status = '', ...lines] = rest.subarray(0, end).toString('latin1').split('\r\n');
    const headers = Object.fromEntries(
      lines.map((l) => [l.slice(0, l.indexOf(':')).toLowerCase(), l.slice(l.indexOf(':') + 1).trim()]),
    );
    const length = headers['content-length'] === undefined ? rest.length - end - 4 : Number(headers['content-length']);
    if (rest.length < end + 4 + length) break;
    replies.push({ status, headers, body: rest.subarray(end + 4, end + 4 + length).toString('utf8') });
    rest = rest.subarray(end + 4 + length);
  }
  return replies;
}

/** A client that sends what it is told and looks at what comes. */
export class RawClient {
  private pieces: Buffer[] = [];
  /** Bytes that came so far. */
  length = 0;
  closed = false;
  private readonly waiting = new Set<() => void>();

  constructor(readonly socket: net.Socket) {
    socket.on('data', (data) => {
      this.pieces.push(data);
      this.length += data.length;
      this.wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      this.wake();
    });
  }

  static to(where: string | undefined): RawClient {
    if (where === undefined) throw new Error('no such listener');
    if (where.startsWith('/')) return new RawClient(net.connect({ path: where, allowHalfOpen: true }));
    return new RawClient(net.connect({ port: Number(new URL(where).port), host: '127.0.0.1', allowHalfOpen: true }));
  }

  get bytes(): Buffer {
    const joined = Buffer.concat(this.pieces);
    this.pieces = [joined];
    return joined;
  }

  send(data: string | Buffer): this {
    this.socket.write(data);
    return this;
  }

  /** Waits until something is true of what came so far; rejects when the connection closes first. */
  async until(what: (bytes: Buffer) => boolean): Promise<Buffer> {
    while (!what(this.bytes)) {
      if (this.closed) throw new Error(`closed after ${this.length} bytes: ${this.bytes.toString('latin1').slice(0, 300)}`);
      await this.change();
    }
    return this.bytes;
  }

  /** The first replies, as many as asked for. */
  async replies(count: number): Promise<RawReply[]> {
    return parseReplies(await this.until((bytes) => parseReplies(bytes).length >= count));
  }

  async reply(): Promise<RawReply> {
    const [first] = await this.replies(1);
    if (!first) throw new Error('no reply');
    return first;
  }

  /** Waits until the server has closed the connection. */
  async end(): Promise<Buffer> {
    if (this.socket.readableEnded) this.socket.end();
    else this.socket.once('end', () => this.socket.end());
    while (!this.closed) await this.change();
    return this.bytes;
  }

  /** Waits until more than so many bytes have come, without looking at them. */
  async more(than: number): Promise<void> {
    while (this.length <= than && !this.closed) await this.change();
  }

  private change(): Promise<void> {
    return new Promise((resolve) => this.waiting.add(resolve));
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}

/** An XML-RPC call without parameters. */
export function xmlCall(method: string): string {
  return `<methodCall><methodName>${method}</methodName><params></params></methodCall>`;
}

/** A POST with the head that ordinary clients send. */
export function post(path: string, body: string, head: readonly string[] = ['Host: x']): string {
  return [`POST ${path} HTTP/1.1`, ...head, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n');
}

/** `count` secrets with values of `size` bytes, as a listing has them. */
export function secrets(count: number, size: number): ReadonlyMap<string, RecordVersion<'secret'>> {
  const list = new Map<string, RecordVersion<'secret'>>();
  for (let i = 0; i < count; i++)
    list.set(newRef(), new RecordVersion('secret', { uuid: String(i), value: 'v'.repeat(size), other_config: new Map() }));
  return list;
}

/** An API of a few methods, enough to see what the HTTP floor does with calls and outcomes. */
export class FakeRpc implements RpcService {
  readonly seen: RpcRequest[] = [];
  /** Values of `listing`. */
  listing = secrets(3, 10);
  private readonly held: (() => void)[] = [];

  /** Lets the oldest call of `hold` go on. */
  letGo(): void {
    this.held.shift()?.();
  }

  call(request: RpcRequest): RpcOutcome | Promise<RpcOutcome> {
    this.seen.push(request);
    const text = (value: string): RpcOutcome => ({ ok: true, type: parseType('string'), value });
    switch (request.method) {
      case 'hello':
        return text('héllo');
      case 'later':
        return Promise.resolve(text('later'));
      case 'hold':
        return new Promise((resolve) => this.held.push(() => resolve(text('held'))));
      case 'listing':
        return { ok: true, type: parseType('map(ref secret,record secret)'), value: this.listing };
      case 'throw':
        throw new Error('a fault');
      case 'reject':
        return Promise.reject(new ApiError('VM_BAD_POWER_STATE', 'a', 'b', 'c'));
      case 'unencodable':
        return { ok: true, type: parseType('map(string,string)'), value: 5 };
      default:
        return { ok: false, error: new ApiError('MESSAGE_METHOD_UNKNOWN', request.method) };
    }
  }
}

/** Sessions: `OpaqueRef:admin` may everything, `OpaqueRef:reader` only get_blob; user `root` with password `secret`. */
export class FakeAuthenticator implements Authenticator {
  readonly released: HttpSession[] = [];

  async authenticate(credentials: Parameters<Authenticator['authenticate']>[0]): Promise<HttpSession | undefined> {
    switch (credentials.kind) {
      case 'session':
        return ['OpaqueRef:admin', 'OpaqueRef:reader'].includes(credentials.session) ? { ref: credentials.session } : undefined;
      case 'pool_secret':
        return credentials.secret === 'shared' ? { ref: 'OpaqueRef:pool' } : undefined;
      case 'password':
        return credentials.user === 'root' && credentials.password === 'secret:colon' ? { ref: 'OpaqueRef:basic' } : undefined;
      case 'local':
        return { ref: 'OpaqueRef:local' };
    }
  }

  mayUse(session: HttpSession, permission: string): boolean {
    return session.ref !== 'OpaqueRef:reader' || permission === 'http/get_blob';
  }

  async release(session: HttpSession): Promise<void> {
    this.released.push(session);
  }
}

/** Writes down what becomes of tasks. */
export class FakeTasks implements HttpTasks {
  readonly log: string[] = [];

  async begin(session: HttpSession, wanted: Parameters<HttpTasks['begin']>[1]) {
    const ref = wanted.taskId ?? 'OpaqueRef:made';
    this.log.push(`begin ${ref} ${session.ref}`);
    return {
      ref,
      work: standInTask({ local: true, address: '' }),
      succeed: async () => void this.log.push(`success ${ref}`),
      fail: async (error: ApiError) => void this.log.push(`failure ${ref} ${error.code}`),
    };
  }

  async failNamed(taskId: string, error: ApiError): Promise<void> {
    this.log.push(`failNamed ${taskId} ${error.code}`);
  }
}

/** Blobs in memory. */
export class FakeBlobs implements BlobAccess {
  readonly content = new Map<string, Buffer>();
  readonly infos = new Map<string, Omit<BlobInfo, 'size'>>();

  add(uuid: string, info: { mimeType: string; public: boolean }, content?: string): void {
    this.infos.set(uuid, { ref: uuid, ...info });
    if (content !== undefined) this.content.set(uuid, Buffer.from(content));
  }

  find(refOrUuid: string): BlobInfo | undefined {
    const info = this.infos.get(refOrUuid);
    return info && { ...info, size: this.content.get(refOrUuid)?.length ?? 0 };
  }

  async read(ref: string) {
    const content = this.content.get(ref);
    return content && { size: content.length, content: Readable.from([content]) };
  }

  async write(ref: string, content: AsyncIterable<Buffer>): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of content) pieces.push(Buffer.from(piece));
    this.content.set(ref, Buffer.concat(pieces));
  }
}

/** Lines that a test server has logged, as objects. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly level: number; readonly msg: string };

/** A server on free ports with the fakes behind it. */
export async function startTestServer(given: Partial<HttpOptions> = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'http-test-'));
  const log: LogLine[] = [];
  const logger = pino({ level: 'debug' }, { write: (line: string) => void log.push(JSON.parse(line)) });
  const [rpc, authenticator, tasks, blobs] = [new FakeRpc(), new FakeAuthenticator(), new FakeTasks(), new FakeBlobs()];
  const running: RunningHttp = await startHttp({
    bind: '127.0.0.1',
    httpPort: 0,
    httpsPort: 0,
    unixSocketPath: join(dataDir, 'socket'),
    dataDir,
    rpc,
    authenticator,
    tasks,
    blobs,
    ready: () => ({ ready: true }),
    logger,
    ...given,
  });
  return {
    ...running,
    dataDir,
    log,
    rpc,
    authenticator,
    tasks,
    blobs,
    client: () => RawClient.to(running.httpUrl),
    async stop(): Promise<void> {
      await running.close(0);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** What `startTestServer` gives. */
export type TestServer = Awaited<ReturnType<typeof startTestServer>>;
