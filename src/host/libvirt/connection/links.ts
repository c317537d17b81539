import type { Duplex } from 'node:stream';
import {
  type ArgumentsOf,
  type CallOptions,
  type Connection,
  connect,
  type Procedure,
  type ResultOf,
  type StreamProcedure,
} from 'node-libvirt';
import { ApiError } from '../../../model/error.js';

/** Milliseconds in which a daemon must let a client in. */
const CONNECT_LIMIT = 10_000;
/** Milliseconds that a call may take unless its caller knows better: libvirt itself waits 30 s for another operation on a domain. */
const CALL_LIMIT = 60_000;
/** Milliseconds for a quick read. */
const READ_LIMIT = 30_000;
/** A daemon that hangs is given up after 5 s × 4 without a sign of life. */
const KEEP_ALIVE = { interval: 5, count: 3 };
/** Calls that a libvirt daemon works on at a time for one connection; one more would wait behind them. */
const CALLS_AT_A_TIME = 5;
/** Connections for calls that take their time: together as many calls as the daemon has workers. */
const MOST_LANES = 4;
/** Streams open at a time, each with a connection of its own: consoles and copies of volumes. */
const MOST_STREAMS = 64;

interface Lane {
  readonly connection: Connection;
  calls: number;
}

/**
 * The connections to one daemon that is there: one for events and quick reads, a few for calls, one for each stream. When any of
 * the first two kinds breaks, all count as broken.
 */
export class Links {
  private readonly uri: string;
  private readonly lanes: Lane[] = [];
  private opening: Promise<void> | undefined;
  private streams = 0;
  /** For events and quick reads. */
  readonly quick: Connection;
  /** Resolves when the daemon is no longer there, with the reason. */
  readonly broken: Promise<Error>;
  private break: (reason: Error) => void = () => undefined;

  private constructor(uri: string, quick: Connection, work: Connection) {
    this.uri = uri;
    this.quick = quick;
    this.broken = new Promise((resolve) => {
      this.break = resolve;
    });
    this.watch(quick);
    this.add(work);
  }

  /** Connects. Rejects as node-libvirt's `connect` does. */
  static async open(uri: string, signal: AbortSignal): Promise<Links> {
    const quick = await connectTo(uri, READ_LIMIT, signal);
    try {
      return new Links(uri, quick, await connectTo(uri, CALL_LIMIT, signal));
    } catch (thrown) {
      await quick.close();
      throw thrown;
    }
  }

  /** A call that may take its time. */
  async call<P extends Procedure>(procedure: P, args: ArgumentsOf<P>, options?: CallOptions): Promise<ResultOf<P>> {
    let lane = this.leastBusy();
    if (lane.calls >= CALLS_AT_A_TIME && this.lanes.length < MOST_LANES) {
      this.opening ??= this.openLane();
      await this.opening;
      lane = this.leastBusy();
    }
    lane.calls++;
    try {
      return await lane.connection.call(procedure, args, options);
    } finally {
      lane.calls--;
    }
  }

  /** Opens a stream on a connection of its own: a slow reader holds up nothing else. */
  async openStream<P extends StreamProcedure>(
    procedure: P,
    args: ArgumentsOf<P>,
    options?: CallOptions,
  ): Promise<{ readonly result: ResultOf<P>; readonly stream: Duplex }> {
    if (this.streams >= MOST_STREAMS)
      throw new ApiError('INTERNAL_ERROR', `libvirt: more than ${MOST_STREAMS} streams at a time`);
    this.streams++;
    let connection: Connection | undefined;
    const over = (): void => {
      this.streams--;
      // It is gone already, or says good-bye; nobody waits for that.
      connection?.close().catch(() => undefined);
    };
    try {
      connection = await connectTo(this.uri, CALL_LIMIT);
      const opened = await connection.openStream(procedure, args, options);
      opened.stream.once('close', over);
      return opened;
    } catch (thrown) {
      over();
      throw thrown;
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(
      [this.quick, ...this.lanes.map(({ connection }) => connection)].map((connection) => connection.close()),
    );
  }

  /** The connection with the fewest calls; calls that wait behind others on one are the exception. */
  private leastBusy(): Lane {
    return this.lanes.reduce((least, lane) => (lane.calls < least.calls ? lane : least));
  }

  /** Failing that, calls share the connections that there are. */
  private async openLane(): Promise<void> {
    try {
      this.add(await connectTo(this.uri, CALL_LIMIT));
    } catch {
      // If the daemon is gone, the other connections tell.
    } finally {
      this.opening = undefined;
    }
  }

  private add(connection: Connection): void {
    this.lanes.push({ connection, calls: 0 });
    this.watch(connection);
  }

  private watch(connection: Connection): void {
    void connection.closed.then((reason) => this.break(reason ?? new Error('closed')));
  }
}

function connectTo(uri: string, timeout: number, signal?: AbortSignal): Promise<Connection> {
  const limit = AbortSignal.timeout(CONNECT_LIMIT);
  return connect(uri, { timeout, keepAlive: KEEP_ALIVE, signal: signal ? AbortSignal.any([signal, limit]) : limit });
}
