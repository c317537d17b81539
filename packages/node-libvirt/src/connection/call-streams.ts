import type { LibvirtClosed } from '../errors.js';
import { type AnyCall, callNamed, type StreamProcedure } from '../protocol/procedures.js';
import { XdrError } from '../xdr/xdr-error.js';
import { CallStream } from './call-stream.js';
import type { Channel } from './channel.js';
import { type Message, MessageStatus, MessageType } from './message.js';
import { readError } from './pending-calls.js';

/** The streams of a connection, by the serial of the calls that opened them. */
export class CallStreams {
  readonly #channel: Channel;
  readonly #streams = new Map<number, { readonly name: string; readonly stream: CallStream }>();
  /** Streams whose reader does not keep up. */
  readonly #full = new Set<number>();

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** The stream of a call that was just sent. */
  open(serial: number, name: StreamProcedure): CallStream {
    const call = callNamed(name);
    const stream = new CallStream(call.stream ?? 'both', {
      send: (status, data) => this.#send(serial, call, status, data),
      whenDrained: (callback) => this.#channel.whenDrained(callback),
      hold: (full) => this.#hold(serial, full),
      forget: () => this.#streams.delete(serial),
    });
    this.#streams.set(serial, { name, stream });
    return stream;
  }

  /** Takes back what `open` did: the call failed, so the daemon has no stream. */
  discard(serial: number): void {
    this.#streams.get(serial)?.stream.discard();
  }

  /** Aborts a stream that the daemon opened when nobody waited for it any more. */
  abort(serial: number, call: AnyCall): void {
    this.#send(serial, call, MessageStatus.ERROR);
  }

  /** Takes a message of a stream. One of a stream that is over here was under way when it ended. */
  take({ serial, status, payload }: Message): void {
    const entry = this.#streams.get(serial);
    if (entry === undefined) return;
    const { name, stream } = entry;
    if (status === MessageStatus.CONTINUE) {
      if (payload.left > 0) stream.data(payload.rest());
      else stream.ended();
    } else if (status === MessageStatus.OK) {
      stream.confirmed();
    } else if (status === MessageStatus.ERROR) {
      stream.failed(readError(name, payload));
    } else {
      throw new XdrError(`a message of a stream with the status ${status}`);
    }
  }

  /** Takes the message that stands for a hole in a sparse stream. Only that stream fails: nobody could tell where the hole is. */
  hole({ serial }: Message): void {
    this.#streams.get(serial)?.stream.destroy(new Error('sparse streams are not supported'));
  }

  /** Ends all streams: there is no connection any more. That is no error of theirs if it was closed on purpose. */
  end(reason: LibvirtClosed | undefined): void {
    for (const { stream } of [...this.#streams.values()]) {
      if (reason) stream.failed(reason);
      else stream.discard();
    }
  }

  #send(serial: number, { program, number }: AnyCall, status: number, data?: Uint8Array): boolean {
    return this.#channel.sendPlain({ program, procedure: number, type: MessageType.STREAM, serial, status }, data);
  }

  #hold(serial: number, full: boolean): void {
    if (full) this.#full.add(serial);
    else this.#full.delete(serial);
    if (this.#full.size > 0) this.#channel.pause();
    else this.#channel.resume();
  }
}
