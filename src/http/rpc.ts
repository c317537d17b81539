import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { RpcOutcome, RpcRequest, RpcService } from '../api/rpc.js';
import { ApiError, toApiError } from '../model/error.js';
import type { RecordVersion } from '../model/record.js';
import type { TypeNode } from '../model/type-syntax.js';
import {
  encodeEarlyFailure,
  encodeRecord,
  encodeReply,
  json2Protocol,
  type ParsedCall,
  parseJsonCall,
  parseXmlCall,
  unencodedRecords,
  WireSyntaxError,
} from '../wire/protocol.js';
import { declaredLength } from './body.js';
import { HttpCallOrigin } from './call-origin.js';
import type { Connection, ConnectionTable } from './connection.js';
import { HttpError, sendErrorPage } from './error-page.js';
import type { HttpLimits } from './limits.js';
import type { RpcMetrics } from './metrics.js';
import { PortionBuffers } from './portion-buffers.js';
import { sendReply } from './reply.js';

/** What the RPC paths need. */
export interface RpcOptions {
  readonly rpc: RpcService;
  readonly connections: ConnectionTable;
  readonly limits: HttpLimits;
  readonly logger: Logger;
  readonly metrics: RpcMetrics;
}

/** Records that are encoded within one turn without further thought: some 20 µs each. */
const ENCODED_AT_ONCE = 50;

/** Characters of a method name in the log: longer ones are made up. */
const LOGGED_NAME = 100;

/** One call as the API sees it. */
class HttpRpcRequest implements RpcRequest {
  readonly method: string;
  readonly params: readonly unknown[];

  constructor(
    private readonly call: ParsedCall,
    readonly origin: HttpCallOrigin,
  ) {
    this.method = call.method;
    this.params = call.params;
  }

  decode(type: TypeNode, raw: unknown): unknown {
    return this.call.protocol.decode(type, raw);
  }

  textOf(raw: unknown): string | undefined {
    return this.call.protocol.textOf(raw);
  }
}

/** Answers calls of the API over HTTP. Nothing but the parser of node:http stands before it: this is the hot path. */
export class RpcHandler {
  private readonly portions: PortionBuffers;

  constructor(private readonly options: RpcOptions) {
    this.portions = new PortionBuffers(options.limits.writePortion);
  }

  /** Reads the body of a request, calls the API and sends what comes of it. */
  handle(req: IncomingMessage, res: ServerResponse, connection: Connection, format: 'xml' | 'json'): void {
    const { connections, limits } = this.options;
    const length = declaredLength(req);
    if (length === undefined || req.headers['transfer-encoding'] !== undefined) {
      sendErrorPage(res, new HttpError(500, 'a call needs a Content-Length'));
      return;
    }
    if (length > limits.callBody) {
      sendErrorPage(res, new HttpError(500, `a call may have ${limits.callBody} bytes`));
      return;
    }
    connection.awaitedUntil = connections.now + limits.callBodyTime;
    const pieces: Buffer[] = [];
    req.on('data', (piece: Buffer) => pieces.push(piece));
    req.on('end', () => {
      connection.awaitedUntil = 0;
      const [first] = pieces;
      const body = pieces.length === 1 && first ? first : Buffer.concat(pieces);
      connection.inTurn(body.length, () => this.answer(req, res, connection, format, body));
    });
  }

  private answer(req: IncomingMessage, res: ServerResponse, connection: Connection, format: 'xml' | 'json', body: Buffer): void {
    let call: ParsedCall;
    try {
      call = format === 'json' ? parseJsonCall(body) : parseXmlCall(body);
    } catch (error) {
      this.refuseBody(res, connection, error);
      connection.turnDone();
      return;
    }
    const origin = new HttpCallOrigin(req, connection, this.options.limits);
    const started = performance.now();
    const deliver = (outcome: RpcOutcome) => {
      origin.release();
      const taken = performance.now() - started;
      this.options.metrics.count(call.method, outcome.ok, taken / 1000);
      if (this.options.logger.isLevelEnabled('debug')) this.note(origin, call, outcome, taken);
      const sending = this.deliver(res, origin, call, outcome);
      if (sending) void sending.then(() => connection.turnDone());
      else connection.turnDone();
    };
    const broken = (error: unknown) => {
      this.options.logger.error({ request: origin.requestId, method: call.method, err: error }, 'the API has thrown');
      deliver({ ok: false, error: toApiError(error) });
    };
    let outcome: RpcOutcome | Promise<RpcOutcome>;
    try {
      outcome = this.options.rpc.call(new HttpRpcRequest(call, origin));
    } catch (error) {
      broken(error);
      return;
    }
    if (outcome instanceof Promise) void outcome.then(deliver, broken);
    else deliver(outcome);
  }

  private note(origin: HttpCallOrigin, call: ParsedCall, outcome: RpcOutcome, milliseconds: number): void {
    const { address, requestId: request } = origin;
    const result = outcome.ok ? 'success' : outcome.error.code;
    this.options.logger.debug({ request, address, method: call.method.slice(0, LOGGED_NAME), result, milliseconds }, 'call');
  }

  /** Answers a body that is no call. */
  private refuseBody(res: ServerResponse, connection: Connection, error: unknown): void {
    if (error instanceof ApiError) {
      void sendReply(res, json2Protocol.contentType, encodeEarlyFailure(json2Protocol, error), this.portions);
      return;
    }
    if (!(error instanceof WireSyntaxError))
      this.options.logger.error({ request: connection.nextRequestId(), err: error }, 'a parser has failed');
    sendErrorPage(res, new HttpError(500, error instanceof WireSyntaxError ? error.message : 'the call cannot be read'));
  }

  /** Encodes and sends an outcome; a promise when that takes more than this turn. It never rejects. */
  private deliver(res: ServerResponse, origin: HttpCallOrigin, call: ParsedCall, outcome: RpcOutcome): Promise<void> | undefined {
    if (res.destroyed) return undefined;
    try {
      if (outcome.ok && holdsManyRecords(outcome.type)) {
        const records = unencodedRecords(call.protocol, outcome.type, outcome.value);
        if (records.length > ENCODED_AT_ONCE)
          return this.deliverSlowly(res, call, outcome, records).catch((error) => this.failed(res, origin, call, error));
      }
      const sending = sendReply(res, call.protocol.contentType, encodeReply(call, outcome), this.portions);
      return sending?.catch((error) => this.failed(res, origin, call, error));
    } catch (error) {
      this.failed(res, origin, call, error);
      return undefined;
    }
  }

  /** Encodes many records in slices, with the calls of other clients in between. */
  private async deliverSlowly(
    res: ServerResponse,
    call: ParsedCall,
    outcome: RpcOutcome,
    records: readonly RecordVersion[],
  ): Promise<void> {
    let sliceEnd = performance.now() + this.options.limits.encodeSlice;
    for (const record of records) {
      encodeRecord(call.protocol, record);
      if (performance.now() < sliceEnd) continue;
      await nextTurn();
      if (res.destroyed) return;
      sliceEnd = performance.now() + this.options.limits.encodeSlice;
    }
    await sendReply(res, call.protocol.contentType, encodeReply(call, outcome), this.portions);
  }

  /** A reply that could not be encoded or sent: a fault of ours, which the client learns as HTTP 500. */
  private failed(res: ServerResponse, origin: HttpCallOrigin, call: ParsedCall, error: unknown): void {
    this.options.logger.error({ request: origin.requestId, method: call.method, err: error }, 'no reply could be made');
    sendErrorPage(res, new HttpError(500, 'the reply could not be encoded'));
  }
}

function holdsManyRecords(type: TypeNode): boolean {
  return type.kind === 'map' || type.kind === 'set' || type.kind === 'batch';
}
