import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { Daemon, newDataDir, remove } from '../../test-support/daemon.js';
import { Rpc } from '../../test-support/rpc.js';

/** A daemon that is ill-treated by the tests of one file. */
export interface SturdyDaemon {
  readonly daemon: Daemon;
  readonly rpc: Rpc;
  /** Number of files and sockets that it has open. */
  openFiles(): number;
  /** Resident memory in MiB. */
  resident(): number;
}

/** Starts a daemon for the file, and looks after each test whether it is the same process with the same VMs as before. */
export function sturdyDaemon(emulate: string): SturdyDaemon {
  let daemon: Daemon | undefined;
  let rpc: Rpc | undefined;
  let before: unknown;
  let dataDir = '';
  const vms = () => rpc?.call('VM.get_all_records');
  beforeAll(async () => {
    dataDir = await newDataDir();
    daemon = await Daemon.start(dataDir, { emulate });
    rpc = await Rpc.login(daemon);
    before = await vms();
  });
  afterEach(async () => {
    expect(daemon?.process.isOver, daemon?.process.output).toBe(false);
    expect(await vms()).toEqual(before);
  });
  afterAll(async () => {
    rpc?.close();
    expect(await daemon?.stop()).toEqual({ code: 0, signal: null });
    expect(daemon?.process.output).not.toMatch(/uncaught|unhandled|unexpectedly|nobody heard of it|the daemon has failed/i);
    await remove(dataDir);
  });
  const running = () => {
    if (!daemon) throw new Error('the daemon has not been started');
    return daemon;
  };
  return {
    get daemon() {
      return running();
    },
    get rpc() {
      if (!rpc) throw new Error('the daemon has not been started');
      return rpc;
    },
    openFiles: () => readdirSync(`/proc/${running().process.pid}/fd`).length,
    resident: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${running().process.pid}/status`, 'utf8'))?.[1]) / 1024,
  };
}
