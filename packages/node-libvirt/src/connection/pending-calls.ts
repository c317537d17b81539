import { ErrorCode, ErrorDomain } from '../enums/errors.js';
import { LibvirtBusy, type LibvirtClosed, LibvirtError, LibvirtTimeout } from '../errors.js';
import { errorMessage } from '../protocol/error-message.js';
import type { AnyCall } from '../protocol/procedures.js';
import { XdrError } from '../xdr/xdr-error.js';
import type { XdrReader } from '../xdr/xdr-reader.js';
import { type Message, MessageStatus } from './message.js';

/**
 * Calls that may wait for an answer on one connection, those included that nobody waits for any more. The daemon works on five
 * at a time, so a thousand are a sign that it hangs.
 */
const MOST_PENDING = 1024;

/** Node's timers take no more milliseconds than this. */
const LONGEST_TIMER = 0x7fff_ffff;

/** How a call is waited for. */
export interface CallOptions {
  /** Milliseconds until the call rejects with `LibvirtTimeout`; 0 or Infinity for no limit. The connection's own unless given. */
  readonly timeout?: number | undefined;
  /** Gives up waiting: the call rejects with the signal's reason, while the daemon goes on. */
  readonly signal?: AbortSignal | undefined;
}

interface Pending {
  readonly name: string;
  readonly call: AnyCall;
  readonly settle: (error: unknown, result?: unknown) => void;
}

interface Forgotten {
  readonly call: AnyCall;
}

/** Calls that were sent and have no answer yet, by their serial. */
export class PendingCalls {
  readonly #pending = new Map<number, Pending>();
  readonly #forgotten = new Map<number, Forgotten>();
  #serial = 0;

  /** A serial for the next call. Throws `LibvirtBusy` when too many have no answer. */
  next(name: string): number {
    const waiting = this.#pending.size + this.#forgotten.size;
    if (waiting >= MOST_PENDING) throw new LibvirtBusy(name, waiting);
    do this.#serial = (this.#serial + 1) >>> 0 || 1;
    while (this.#pending.has(this.#serial) || this.#forgotten.has(this.#serial));
    return this.#serial;
  }

  /** Waits for the answer of a call that was sent. `options.timeout` has to be there. */
  wait(serial: number, name: string, call: AnyCall, options: CallOptions): Promise<unknown> {
    const { timeout = 0, signal } = options;
    return new Promise((resolve, reject) => {
      const giveUp = (reason: unknown) => {
        this.#forgotten.set(serial, { call });
        settle(reason);
      };
      const aborted = () => giveUp(signal?.reason);
      const timed = timeout > 0 && timeout <= LONGEST_TIMER;
      const timer = timed ? setTimeout(() => giveUp(new LibvirtTimeout(name, timeout)), timeout) : undefined;
      signal?.addEventListener('abort', aborted, { once: true });
      const settle = (error: unknown, result?: unknown) => {
        this.#pending.delete(serial);
        clearTimeout(timer);
        signal?.removeEventListener('abort', aborted);
        if (error === undefined) resolve(result);
        else reject(error);
      };
      this.#pending.set(serial, { name, call, settle });
    });
  }

  /**
   * Takes a reply. Gives the call back if nobody waits for it any more and it succeeded. A reply that fits no call, or whose
   * payload is not what the call's result is, is an `XdrError`.
   */
  reply(message: Message): AnyCall | undefined {
    const { serial, status, payload } = message;
    const pending = this.#pending.get(serial);
    const forgotten = this.#forgotten.get(serial);
    const call = pending?.call ?? forgotten?.call;
    if (call === undefined) throw new XdrError(`a reply to no call (${serial})`);
    if (call.number !== message.procedure || call.program !== message.program) throw new XdrError('a reply to another call');
    if (status !== MessageStatus.OK && status !== MessageStatus.ERROR) throw new XdrError(`a reply with the status ${status}`);
    if (pending === undefined) {
      this.#forgotten.delete(serial);
      return status === MessageStatus.OK ? call : undefined;
    }
    if (status === MessageStatus.ERROR) pending.settle(readError(pending.name, payload));
    else pending.settle(undefined, readResult(pending, payload));
    return undefined;
  }

  /** Rejects all calls: there will be no answers. */
  fail(reason: LibvirtClosed): void {
    this.#forgotten.clear();
    for (const { settle } of [...this.#pending.values()]) settle(reason);
  }
}

function readResult({ name, call }: Pending, payload: XdrReader): unknown {
  try {
    const result = call.result.read(payload);
    payload.end();
    return result;
  } catch (error) {
    throw XdrError.within(name, error);
  }
}

/** The error that a message with the status ERROR carries. */
export function readError(procedure: string, payload: XdrReader): LibvirtError {
  const { code, domain, level, message = 'unknown error' } = errorMessage.read(payload);
  // That is how a daemon says that it is older than a call. libvirt's own client gives it this code, too.
  const unknown = code === ErrorCode.RPC && domain === ErrorDomain.REMOTE && message.startsWith('unknown procedure');
  return new LibvirtError(procedure, { code: unknown ? ErrorCode.NO_SUPPORT : code, domain, level, message });
}
