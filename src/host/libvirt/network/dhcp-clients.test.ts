import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Commands, FollowListeners } from './commands.js';
import { DhcpClients } from './dhcp-clients.js';

interface Started {
  readonly program: string;
  readonly args: readonly string[];
  readonly listeners: FollowListeners;
  stopped: string | undefined;
}

describe('DHCP clients', () => {
  let directory: string;
  let started: Started[];
  let clients: DhcpClients;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'dhcp-'));
    started = [];
    const commands: Commands = {
      run: () => Promise.reject(new Error('nothing is to be run')),
      follow: (program, args, listeners) => {
        const one: Started = { program, args, listeners, stopped: undefined };
        started.push(one);
        return {
          stop: (signal) => {
            one.stopped = signal;
          },
        };
      },
    };
    clients = new DhcpClients(commands, [directory]);
  });
  afterEach(async () => {
    clients.close();
    await rm(directory, { recursive: true });
  });

  async function install(program: string): Promise<void> {
    await writeFile(join(directory, program), '');
    await chmod(join(directory, program), 0o755);
  }

  it.each([
    ['dhclient', 'bound to 192.0.2.7 -- renewal in 1717 seconds.'],
    ['udhcpc', 'udhcpc: lease of 192.0.2.7 obtained from 192.0.2.1, lease time 3600'],
    ['dhcpcd', 'eth1: leased 192.0.2.7 for 3600 seconds'],
  ])('are %s where that is installed', async (program, line) => {
    await expect(clients.start('eth1', 'xenbr1', 4)).rejects.toThrow(
      'no DHCP client for IPv4 is installed: dhclient, udhcpc, dhcpcd',
    );
    await install(program);
    const lease = clients.start('eth1', 'xenbr1', 4);
    await expect.poll(() => started.length).toBe(1);
    expect(started[0]).toMatchObject({ program, args: expect.arrayContaining(['xenbr1']) });
    started[0]?.listeners.line?.('something else');
    started[0]?.listeners.line?.(line);
    expect(await lease).toBe('192.0.2.7');
  });

  it('go where the addresses of their interface go, and end with it', async () => {
    await install('dhclient');
    const lease = clients.start('eth1', 'eth1', 4);
    await expect.poll(() => started.length).toBe(1);
    started[0]?.listeners.line?.('bound to 192.0.2.7');
    await lease;
    clients.settle(() => 'eth1');
    clients.settle(() => 'xenbr1');
    await expect.poll(() => started.length).toBe(2);
    expect(started.map(({ args, stopped }) => [args.at(-1), stopped])).toEqual([
      ['eth1', 'SIGKILL'],
      ['xenbr1', undefined],
    ]);
    clients.settle(() => undefined);
    expect(started[1]?.stopped).toBe('SIGKILL');
    expect(clients.anyRuns).toBe(false);
  });

  it('are not started any more when all are ended', async () => {
    await install('dhclient');
    const late = clients.start('eth1', 'eth1', 4);
    clients.close();
    expect(await late).toBeUndefined();
    expect(started).toEqual([]);
  });
});
