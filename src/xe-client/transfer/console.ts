import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Output } from '../output.js';
import { nextChunk } from '../streams.js';
import type { World } from '../world.js';
import { TransferFailure } from './failure.js';
import type { Place } from './place.js';
import { type Response, request } from './request.js';

/** Control-] ends a console. */
const QUIT = 0x1d;

/** Milliseconds before a broken connection is made again: twice as many each time that fails, up to a limit. */
const PAUSE = { first: 100, longest: 5_000 } as const;

/**
 * Relays the user's terminal to a console until the user ends it, and connects again when the connection breaks, as it does when a
 * VM restarts. Rejects with TransferFailure when there is no console. Input that is no terminal may end: then the console ends with its
 * connection, because nobody is left to end it.
 */
export async function relayConsole(place: Place, world: World, output: Output): Promise<void> {
  const keys = new Keys(world);
  // The first time nothing is typed into the void: what is wrong is told at once.
  let socket = await open(place);
  const terminal = world.stdin.setRawMode !== undefined;
  keys.listen();
  try {
    if (terminal) await world.showBytesAsTheyAre?.();
    for (;;) {
      await relay(socket, keys, output);
      if (keys.done) return;
      const again = await reopen(place, keys);
      if (!again) return;
      socket = again;
    }
  } finally {
    keys.close();
    // What is shown next begins a line of its own, wherever the console's text ended.
    if (terminal) await output.print('\r\n');
  }
}

async function open(place: Place): Promise<Socket> {
  return accepted(await request('CONNECT', place, 'content-length: 0\r\n'));
}

function accepted({ status, statusLine, socket }: Response): Socket {
  if (status === 200) return socket;
  socket.destroy();
  throw new TransferFailure(
    status === 404 ? 'Server replied with HTTP 404: the console is not available' : `Server said: ${statusLine}`,
  );
}

/** Undefined when the user does not want to wait any longer. */
async function reopen(place: Place, keys: Keys): Promise<Socket | undefined> {
  for (let pause: number = PAUSE.first; ; pause = Math.min(pause * 2, PAUSE.longest)) {
    await sleep(pause, undefined, { signal: keys.ended }).catch(() => {});
    if (keys.done) return undefined;
    const opening = request('CONNECT', place, 'content-length: 0\r\n').catch(() => undefined);
    const response = await unless(keys.ended, opening);
    if (keys.done) {
      // It may still come, and nobody wants it.
      void opening.then((late) => late?.socket.destroy());
      return undefined;
    }
    if (response) return accepted(response);
  }
}

/** What comes of work, undefined when a signal comes first. Nothing of it stays with the signal: a VM may restart for days. */
function unless<T>(signal: AbortSignal, work: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const give = () => resolve(undefined);
    signal.addEventListener('abort', give);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', give));
  });
}

/** Until the connection breaks or the user ends it. */
async function relay(socket: Socket, keys: Keys, output: Output): Promise<void> {
  keys.sendTo(socket);
  try {
    for (;;) {
      const chunk = await nextChunk(socket).catch(() => undefined);
      if (chunk === undefined) return;
      await output.write(chunk);
    }
  } finally {
    keys.sendTo(undefined);
    socket.destroy();
  }
}

/** What the user types: to the console as long as there is one, and nowhere else. The key that ends consoles ends its connection. */
class Keys {
  readonly #world: World;
  readonly #end = new AbortController();
  #socket: Socket | undefined;
  #quit = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** Aborted when the user types the key that ends consoles, and when no key can come any more. */
  get ended(): AbortSignal {
    return this.#end.signal;
  }

  /** Whether the console is not to be connected again. */
  get done(): boolean {
    return this.#end.signal.aborted;
  }

  listen(): void {
    this.#world.stdin.setRawMode?.(true);
    this.#world.stdin.on('data', this.#typed).on('end', this.#finish).on('error', this.#finish).resume();
    if (this.#world.stdin.readableEnded) this.#finish();
  }

  /** Undefined while there is no connection. */
  sendTo(socket: Socket | undefined): void {
    this.#socket = socket;
    socket?.on('drain', () => this.#world.stdin.resume());
    if (this.#quit) socket?.destroy();
    this.#world.stdin.resume();
  }

  close(): void {
    const { stdin } = this.#world;
    stdin.off('data', this.#typed).off('end', this.#finish).off('error', this.#finish).pause();
    stdin.setRawMode?.(false);
  }

  readonly #typed = (bytes: Buffer): void => {
    const end = bytes.indexOf(QUIT);
    const text = end < 0 ? bytes : bytes.subarray(0, end);
    // A console that does not take more holds up whoever types, not this program's memory.
    if (text.length > 0 && this.#socket?.write(text) === false) this.#world.stdin.pause();
    if (end < 0) return;
    this.#quit = true;
    this.#finish();
    this.#socket?.destroy();
  };

  readonly #finish = (): void => this.#end.abort();
}
