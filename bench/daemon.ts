import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));

/** Password of root in every measurement. */
export const PASSWORD = 'measured';

/** A daemon under measurement, started as a user would. */
export interface MeasuredDaemon {
  readonly dataDir: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** Milliseconds from the start of the process until it served. */
  readonly startup: number;
  /** Resident memory in MiB. */
  resident(): number;
  stop(): Promise<void>;
}

/** A new directory for a daemon's data. */
export function newDataDir(): string {
  return mkdtempSync(join(tmpdir(), 'xenapi-gateway-bench-'));
}

/** Removes a directory that `newDataDir` made. */
export function removeDataDir(dataDir: string): void {
  rmSync(dataDir, { recursive: true, force: true });
}

/** Starts a daemon on a data directory and waits until it serves. */
export async function startDaemon(dataDir: string, emulate: string): Promise<MeasuredDaemon> {
  const addresses = join(dataDir, 'addresses.json');
  rmSync(addresses, { force: true });
  const began = performance.now();
  const child = spawn(
    process.execPath,
    [
      MAIN,
      'start',
      '--host',
      'emulated',
      '--emulate',
      emulate,
      '--http-port',
      '0',
      '--https-port',
      '0',
      '--data-dir',
      dataDir,
      '--log-level',
      'warn',
    ],
    { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, XENAPI_GATEWAY_ROOT_PASSWORD: PASSWORD } },
  );
  while (!existsSync(addresses)) {
    if (child.exitCode !== null) throw new Error(`the daemon ended with ${child.exitCode}`);
    await sleep(5);
  }
  const startup = performance.now() - began;
  const { http } = JSON.parse(readFileSync(addresses, 'utf8')) as { http: string };
  return {
    dataDir,
    port: Number(new URL(http).port),
    process: child,
    startup,
    resident: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}
