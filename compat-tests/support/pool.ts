import { afterAll, beforeAll } from 'vitest';
import { Daemon, type DaemonOptions, newDataDir, remove } from '../../test-support/daemon.js';
import { Rpc } from '../../test-support/rpc.js';

/** A daemon for the tests of one file. What it printed is shown when it has to be killed. */
export interface TestPool {
  readonly daemon: Daemon;
  /** A session of the tests' own, to look at what the client under test has done. */
  readonly rpc: Rpc;
  /** Reference of the only object of a class with this name. */
  find(className: string, name: string): Promise<string>;
}

/** Starts a daemon before the tests of the file and ends it after them. */
export function testPool(options?: DaemonOptions): TestPool {
  let daemon: Daemon | undefined;
  let rpc: Rpc | undefined;
  let dataDir = '';
  beforeAll(async () => {
    dataDir = await newDataDir();
    daemon = await Daemon.start(dataDir, options);
    rpc = await Rpc.login(daemon);
  });
  afterAll(async () => {
    rpc?.close();
    const ended = await daemon?.stop();
    if (ended && ended.code !== 0)
      throw new Error(`the daemon ended with ${ended.code ?? ended.signal}:\n${daemon?.process.output}`);
    await remove(dataDir);
  });
  return {
    get daemon() {
      if (!daemon) throw new Error('the daemon has not been started');
      return daemon;
    },
    get rpc() {
      if (!rpc) throw new Error('the daemon has not been started');
      return rpc;
    },
    async find(className, name) {
      const [ref, ...more] = await this.rpc.call<string[]>(`${className}.get_by_name_label`, name);
      if (ref === undefined || more.length > 0) throw new Error(`${className} ${name}: ${more.length + (ref ? 1 : 0)} found`);
      return ref;
    },
  };
}
