import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { HttpLimits } from './limits.js';

/** Who is on the other side of a connection. */
export interface Peer {
  readonly listener: 'http' | 'https' | 'unix';
  /** The local Unix socket: whoever can open it is root, or has been let in by root. */
  readonly local: boolean;
  /** For logs. */
  readonly address: string;
}

/** A call that arrived while an earlier one on the same connection is being answered. */
interface CallAhead {
  readonly bytes: number;
  start(): void;
}

/** What is known of one client connection, whatever it speaks. */
export class Connection {
  /** Requests whose reply is not complete. */
  inFlight = 0;
  /** When what the client is sending must be here, in `ConnectionTable.now`; 0 while nothing is awaited. */
  awaitedUntil = 0;
  /** No further request can come: the connection ends after the replies that are due. */
  ending = false;
  /** Speaks no HTTP (any more): a raw protocol, or a CONNECT that was granted. Half-closing is part of such protocols. */
  takenOver = false;
  private latest: { readonly complete: boolean } | undefined;
  private calling = false;
  private readonly ahead: CallAhead[] = [];
  private aheadBytes = 0;
  private readonly waitingForGone = new Set<AbortController>();
  private progress = 0;
  private stalledSince = 0;
  private requests = 0;

  constructor(
    readonly id: number,
    readonly socket: Socket,
    readonly peer: Peer,
    private readonly limits: HttpLimits,
    private readonly logger: Logger,
  ) {}

  /** Name of the next request, for logs: unique within this run of the daemon. */
  nextRequestId(): string {
    return `${this.id}-${++this.requests}`;
  }

  /** Notes that a request has begun. */
  begin(request: { readonly complete: boolean }): void {
    this.inFlight++;
    this.latest = request;
  }

  /** Whether replies are due and their requests have arrived in full. */
  get onlyRepliesDue(): boolean {
    return this.inFlight > 0 && this.latest?.complete === true;
  }

  /** Notes that the reply to a request is complete, or will never be. */
  finish(): void {
    this.inFlight--;
    this.endIfIdle();
  }

  /** Notes that the connection is no longer HTTP. It counts as busy until it closes. */
  takeOver(): void {
    this.takenOver = true;
    this.inFlight++;
  }

  /** Lets due replies out, takes no further request, and closes. */
  end(): void {
    this.ending = true;
    this.endIfIdle();
  }

  /** Runs calls of one connection one after the other, as they were sent: clients that send ahead count on the order. */
  inTurn(bytes: number, start: () => void): void {
    if (!this.calling) {
      this.calling = true;
      start();
      return;
    }
    this.aheadBytes += bytes;
    this.ahead.push({ bytes, start });
    if (this.ahead.length > this.limits.callsAhead || this.aheadBytes > this.limits.callsAheadBytes)
      this.drop('too many calls were sent ahead');
  }

  /** Ends the turn of a call and begins that of the next. */
  turnDone(): void {
    const next = this.ahead.shift();
    if (next && !this.socket.destroyed) {
      this.aheadBytes -= next.bytes;
      next.start();
    } else {
      this.calling = false;
    }
  }

  /** A signal that is aborted when this connection closes, until `forget` gets its controller. */
  watch(): AbortController {
    const controller = new AbortController();
    if (this.socket.destroyed) controller.abort();
    else this.waitingForGone.add(controller);
    return controller;
  }

  forget(controller: AbortController): void {
    this.waitingForGone.delete(controller);
  }

  /** The socket has closed. */
  closed(): void {
    this.ahead.length = 0;
    for (const controller of this.waitingForGone) controller.abort();
    this.waitingForGone.clear();
  }

  /** Closes the connection when its client is too slow in sending or in taking. */
  check(now: number): void {
    if (this.awaitedUntil !== 0 && now > this.awaitedUntil) {
      this.drop('the client is too slow in sending');
      return;
    }
    const pending = this.socket.writableLength;
    const progress = this.socket.bytesWritten - pending;
    if (pending === 0) {
      this.stalledSince = 0;
    } else if (progress !== this.progress || this.stalledSince === 0) {
      this.progress = progress;
      this.stalledSince = now;
    } else if (now - this.stalledSince > this.limits.stallTime) {
      this.drop('the client has stopped reading');
    }
  }

  private drop(reason: string): void {
    this.logger.info({ address: this.peer.address, reason }, 'connection dropped');
    this.socket.destroy();
  }

  private endIfIdle(): void {
    if (this.ending && this.inFlight === 0) this.socket.destroySoon();
  }
}

/** All open connections of the daemon, so that slow ones are found and all can be closed. */
export class ConnectionTable {
  /** A clock that moves with the sweep: good enough for limits of many seconds, and free to read. */
  now = performance.now();
  private readonly open = new Map<Duplex, Connection>();
  private readonly wrappers = new Map<Duplex, Connection>();
  private readonly timer: NodeJS.Timeout;
  private ids = 0;
  private closing = false;

  constructor(
    private readonly limits: HttpLimits,
    private readonly logger: Logger,
  ) {
    this.timer = setInterval(() => this.sweep(), limits.sweepInterval);
    this.timer.unref();
  }

  /** Number of open connections. */
  get size(): number {
    return this.open.size;
  }

  /** Begins to keep an eye on a socket. */
  add(socket: Socket, peer: Peer): Connection {
    const connection = new Connection(++this.ids, socket, peer, this.limits, this.logger);
    this.open.set(socket, connection);
    socket.once('close', () => {
      this.open.delete(socket);
      connection.closed();
    });
    socket.once('end', () => this.halfClosed(connection));
    return connection;
  }

  /** Makes what wraps the socket of an open connection known as that connection, for as long as it is open. */
  standsFor(wrapper: Duplex, socket: Socket): void {
    const connection = this.open.get(socket);
    if (!connection) return;
    this.wrappers.set(wrapper, connection);
    socket.once('close', () => this.wrappers.delete(wrapper));
  }

  /** The connection of a socket, or of what wraps it, unless it has closed meanwhile. */
  of(socket: Duplex): Connection | undefined {
    return this.open.get(socket) ?? this.wrappers.get(socket);
  }

  /** Ends idle connections now, busy ones when they are done or after `graceTime` milliseconds. Resolves when none is left. */
  async close(graceTime: number): Promise<void> {
    this.closing = true;
    for (const connection of this.open.values()) connection.end();
    const deadline = performance.now() + graceTime;
    while (this.open.size > 0 && performance.now() < deadline) await new Promise((done) => setTimeout(done, 10));
    clearInterval(this.timer);
    await Promise.all([...this.open.values()].map((connection) => closed(connection.socket)));
  }

  /** Whether `close` has been called. */
  get isClosing(): boolean {
    return this.closing;
  }

  private halfClosed(connection: Connection): void {
    if (connection.inFlight === 0 || connection.takenOver) return;
    // Programs that close their side after the request still want the reply, and a client that has died looks the same.
    // While it takes a reply it is not dead; the stall limit sees to the rest.
    const timer = setInterval(() => {
      if (connection.socket.writableLength === 0) connection.socket.destroy();
    }, this.limits.halfClosedTime);
    timer.unref();
    connection.socket.once('close', () => clearInterval(timer));
  }

  private sweep(): void {
    this.now = performance.now();
    for (const connection of this.open.values()) connection.check(this.now);
  }
}

/** Destroys a socket and waits until it is closed. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
    socket.destroy();
  });
}
