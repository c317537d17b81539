import { afterEach } from 'vitest';
import { type ConnectOptions, connect } from '../connection/connect.js';
import type { Connection } from '../connection/connection.js';
import { FakeDaemon } from './fake-daemon.js';

/** Ends what a test file starts, after each of its tests, the latest first. */
export function cleanUp(): (end: () => unknown) => void {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  return (end) => {
    ends.push(end);
  };
}

/** A function that makes a fake daemon and a connection to it, which end with the test. */
export function daemons(): (
  options?: ConnectOptions,
  answers?: { readonly [name: string]: unknown },
) => Promise<{ daemon: FakeDaemon; connection: Connection }> {
  const later = cleanUp();
  return async (options = {}, answers = {}) => {
    const daemon = await FakeDaemon.start(answers);
    later(() => daemon.stop());
    const connection = await connect(daemon.uri, { keepAlive: false, ...options });
    later(() => connection.close());
    return { daemon, connection };
  };
}

/** A domain that no libvirt has to have. */
export const DOM = { name: 'vm1', uuid: '00112233-4455-6677-8899-aabbccddeeff', id: 3 };
