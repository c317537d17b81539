import { Duplex, type DuplexOptions } from 'node:stream';
import type { StreamDirection } from '../protocol/procedure.js';
import { MessageStatus } from './message.js';

/** Bytes of data in one message that every libvirt takes. */
const CHUNK = 262_120;

/** Bytes that may wait for the reader before the connection stops reading: a few messages. */
const UNREAD = 4 * CHUNK;

/** What a stream needs of its connection. */
export interface StreamWire {
  /** Sends a message of the stream. False while more waits to be sent than should. */
  send(status: number, data?: Uint8Array): boolean;
  whenDrained(callback: () => void): void;
  /** Asks the connection to stop reading, or to go on. */
  hold(full: boolean): void;
  /** The stream is over: nothing that still comes belongs to anybody. */
  forget(): void;
}

/**
 * The bytes that a call opened. Ending it (`end()`, or reading to the end) is confirmed by the daemon before `finish` and `end`
 * are emitted, so an error at the last moment is not lost. `destroy()` aborts it.
 */
export class CallStream extends Duplex {
  readonly #wire: StreamWire;
  readonly #direction: StreamDirection;
  #opened = false;
  #ending = false;
  #over = false;
  #full = false;
  #finished: ((error?: Error | null) => void) | undefined;

  constructor(direction: StreamDirection, wire: StreamWire) {
    super(optionsOf(direction));
    this.#wire = wire;
    this.#direction = direction;
  }

  /** The call succeeded. */
  opened(): void {
    this.#opened = true;
  }

  /** Bytes came in. */
  data(bytes: Buffer): void {
    if (this.#over || this.#direction === 'write' || this.destroyed) return;
    // The reply may still be under way, so the connection has to read on.
    if (!this.push(bytes) && this.#opened) this.#hold(true);
  }

  /** No more bytes will come in. The daemon waits for the confirmation. */
  ended(): void {
    if (this.#direction !== 'write') this.#sendEnd();
  }

  /** The daemon confirmed the end. */
  confirmed(): void {
    this.#close();
    if (this.#direction !== 'write') this.push(null);
    this.#finished?.();
  }

  /** The daemon ended the stream with an error, or the connection is gone. */
  failed(error: Error): void {
    this.#close();
    // Whoever opened the stream gets it a few microtasks after the reply, which may have come together with the error.
    setImmediate(() => this.destroy(error));
  }

  /** There is no stream any more, or never was one: the call that should have opened it failed. */
  discard(): void {
    this.#close();
    this.destroy();
  }

  override _read(): void {
    this.#hold(false);
  }

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error | null) => void): void {
    let room = true;
    for (let at = 0; at < chunk.length; at += CHUNK) {
      room = this.#wire.send(MessageStatus.CONTINUE, chunk.subarray(at, at + CHUNK));
    }
    if (room) callback();
    else this.#wire.whenDrained(callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    if (this.#over) {
      callback();
      return;
    }
    this.#finished = callback;
    this.#sendEnd();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (!this.#over) {
      this.#wire.send(MessageStatus.ERROR);
      this.#close();
    }
    callback(error);
  }

  #sendEnd(): void {
    if (this.#ending || this.#over) return;
    this.#ending = true;
    this.#wire.send(MessageStatus.OK);
  }

  #hold(full: boolean): void {
    if (this.#full === full) return;
    this.#full = full;
    this.#wire.hold(full);
  }

  #close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#hold(false);
    this.#wire.forget();
  }
}

// The types of Node leave out that a Duplex may have one side only.
function optionsOf(direction: StreamDirection): DuplexOptions & { readonly readable: boolean; readonly writable: boolean } {
  return {
    readable: direction !== 'write',
    writable: direction !== 'read',
    allowHalfOpen: false,
    readableHighWaterMark: UNREAD,
    writableHighWaterMark: CHUNK,
  };
}
