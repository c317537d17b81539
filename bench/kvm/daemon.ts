import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { LabHost } from '../../test-support/libvirt/host/host.js';
import { Client } from '../client.js';
import { newDataDir, PASSWORD, removeDataDir } from '../daemon.js';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** A gateway inside a host of the lab, with a client. */
export interface KvmDaemon {
  /** Where it runs. */
  readonly host: LabHost;
  readonly client: Client;
  readonly dataDir: string;
  /** Its address for plain HTTP. */
  readonly http: string;
  /** Milliseconds from the start of the process until it served. */
  readonly startup: number;
  /** Another client of it. */
  login(): Promise<Client>;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

/** Starts a gateway with a new pool inside a host, with further variables of its environment. */
export async function startKvmDaemon(host: LabHost, env: Readonly<Record<string, string>> = {}): Promise<KvmDaemon> {
  const dataDir = newDataDir();
  const addresses = join(dataDir, 'addresses.json');
  const options = ['--host', 'libvirt', '--bind', host.address, '--http-port', '0', '--https-port', '0', '--log-level', 'warn'];
  const began = performance.now();
  const child = host.spawn(process.execPath, [MAIN, 'start', ...options, '--data-dir', dataDir], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, XENAPI_GATEWAY_ROOT_PASSWORD: PASSWORD, ...env },
  });
  while (!existsSync(addresses)) {
    if (child.exitCode !== null) throw new Error('the gateway ended before it served');
    await sleep(2);
  }
  const startup = performance.now() - began;
  await sleep(50);
  const { http } = JSON.parse(readFileSync(addresses, 'utf8')) as { http: string };
  const login = (): Promise<Client> => Client.login(Number(new URL(http).port), PASSWORD, host.address);
  const client = await login();
  return {
    host,
    client,
    dataDir,
    http,
    startup,
    login,
    process: child,
    async stop() {
      client.close();
      child.kill('SIGTERM');
      await new Promise((resolve) => child.once('close', resolve));
      rmSync(addresses, { force: true });
      removeDataDir(dataDir);
    },
  };
}
