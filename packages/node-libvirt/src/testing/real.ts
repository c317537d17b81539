import { afterAll, beforeAll } from 'vitest';
import { type Connection, connect } from '../index.js';
import { TestLibvirtd } from './libvirtd.js';

/** A libvirtd and a connection to it for the tests of a file. */
export interface Real {
  readonly libvirtd: TestLibvirtd;
  readonly connection: Connection;
}

/** Starts a libvirtd before a file's tests, connects to a driver of it, and ends both after them. */
export function real(uri?: string): () => Real {
  let started: Real | undefined;
  beforeAll(async () => {
    const libvirtd = await TestLibvirtd.start();
    started = { libvirtd, connection: await connect(libvirtd.uri(uri)) };
  });
  afterAll(async () => {
    await started?.connection.close();
    await started?.libvirtd.stop();
  });
  return () => {
    if (started === undefined) throw new Error('libvirtd has not started');
    return started;
  };
}

/** Collects what listeners are told, and waits for one that fits. */
export class Heard<T> {
  readonly all: T[] = [];
  #wake: () => void = () => undefined;

  readonly listener = (event: T): void => {
    this.all.push(event);
    this.#wake();
  };

  /** The first that fits, whether it was told already or not. */
  async first(fits: (event: T) => boolean): Promise<T> {
    for (;;) {
      const found = this.all.find(fits);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
