import type { Duplex } from 'node:stream';
import { LibvirtClosed } from '../errors.js';
import { XdrError } from '../xdr/xdr-error.js';
import { FrameReader } from './frame-reader.js';
import { begin, finish, type Message, type MessageHeader, parse } from './message.js';

/** What happens on a channel. */
export interface ChannelEvents {
  /** May throw `XdrError` for a payload that is not what the protocol says; that ends the channel. */
  message(message: Message): void;
  /** The other side took bytes that were waiting. */
  drained(): void;
  /** Once, when the channel is gone; `undefined` if `close` was the reason. */
  closed(reason: LibvirtClosed | undefined): void;
}

/** Messages both ways over the bytes of a socket. */
export class Channel {
  readonly #socket: Duplex;
  readonly #frames = new FrameReader();
  readonly #events: ChannelEvents;
  readonly #waiting: (() => void)[] = [];
  #corked = false;
  #over = false;

  constructor(socket: Duplex, events: ChannelEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('drain', () => this.#drained());
    socket.on('error', (error) => this.fail(new LibvirtClosed(`the connection broke: ${error.message}`, { cause: error })));
    socket.on('end', () => this.fail(new LibvirtClosed('the daemon closed the connection')));
    socket.on('close', () => this.fail(new LibvirtClosed('the connection was closed')));
  }

  /** Whether reading is held up because somebody does not take what came in. */
  get paused(): boolean {
    return this.#socket.isPaused();
  }

  /** Sends whole messages. False while more waits to be sent than should: then `whenDrained` tells when to go on. */
  send(...bytes: readonly Uint8Array[]): boolean {
    if (this.#over) return true;
    this.#cork();
    let room = true;
    for (const part of bytes) room = this.#socket.write(part);
    return room;
  }

  /** Sends a message without a payload, or with bytes that are no XDR. */
  sendPlain(header: MessageHeader, payload?: Uint8Array): boolean {
    const head = finish(begin(header), payload?.length ?? 0);
    return payload === undefined ? this.send(head) : this.send(head, payload);
  }

  /** Calls back when the other side has taken what waits to be sent, or the channel is over. */
  whenDrained(callback: () => void): void {
    if (this.#over) queueMicrotask(callback);
    else this.#waiting.push(callback);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#over) this.#socket.resume();
  }

  /** Ends the channel because of something that went wrong. */
  fail(reason: LibvirtClosed): void {
    this.#end(reason);
  }

  /** Ends the channel as its user wants it. */
  close(): void {
    this.#end(undefined);
  }

  #take(chunk: Buffer): void {
    try {
      for (const frame of this.#frames.read(chunk)) {
        if (this.#over) return;
        this.#events.message(parse(frame));
      }
    } catch (error) {
      if (!(error instanceof XdrError)) throw error;
      this.fail(new LibvirtClosed(`the daemon sent what is not libvirt's protocol: ${error.message}`, { cause: error }));
    }
  }

  // Calls that are made in one turn of the event loop go out in one write.
  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#corked = false;
      this.#socket.uncork();
    });
  }

  #drained(): void {
    this.#events.drained();
    for (const callback of this.#waiting.splice(0)) callback();
  }

  #end(reason: LibvirtClosed | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#socket.destroy();
    for (const callback of this.#waiting.splice(0)) callback();
    this.#events.closed(reason);
  }
}
