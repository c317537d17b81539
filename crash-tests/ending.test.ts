import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Daemon, DaemonProcess, newDataDir, remove } from '../test-support/daemon.js';
import { Rpc } from '../test-support/rpc.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await newDataDir();
});
afterEach(() => remove(dataDir));

async function states(rpc: Rpc): Promise<Record<string, unknown>> {
  const records = await rpc.call<Record<string, { name_label: string; power_state: string }>>('VM.get_all_records');
  return Object.fromEntries(
    Object.values(records).flatMap(({ name_label, power_state }) =>
      name_label.startsWith('vm-') ? [[name_label, power_state]] : [],
    ),
  );
}

async function vm(rpc: Rpc, name: string): Promise<string> {
  return (await rpc.call<string[]>('VM.get_by_name_label', name))[0] ?? '';
}

describe('told to end', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`by ${signal}, it answers calls and finishes tasks that are running, and takes its addresses away`, async () => {
      const options = { emulate: 'hosts=1,vms=3,delay=1500ms' };
      const daemon = await Daemon.start(dataDir, options);
      expect(daemon.isAnnounced).toBe(true);
      const rpc = await Rpc.login(daemon);
      const call = rpc.call('VM.start', await vm(rpc, 'vm-1'), false, false);
      await rpc.call('Async.VM.start', await vm(rpc, 'vm-2'), false, false);
      await sleep(200);
      daemon.process.signal(signal);
      expect(await call).toBe('');
      expect(await daemon.process.ended).toEqual({ code: 0, signal: null });
      expect(daemon.isAnnounced).toBe(false);

      const next = await Daemon.start(dataDir, options);
      expect(await states(await Rpc.login(next))).toEqual({ 'vm-1': 'Running', 'vm-2': 'Running', 'vm-3': 'Halted' });
      expect(await next.stop()).toEqual({ code: 0, signal: null });
    });
  }

  it('while clients wait for events and hold idle connections, it ends without delay', async () => {
    const daemon = await Daemon.start(dataDir);
    const rpc = await Rpc.login(daemon);
    const { token } = await rpc.call<{ token: string }>('event.from', ['*'], '', 0);
    const waiting = rpc.call('event.from', ['*'], token, 60).catch((error: unknown) => error);
    await sleep(100);
    const began = performance.now();
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
    expect(performance.now() - began).toBeLessThan(8_000);
    await waiting;
  });

  it('during its start, it ends and leaves a directory that the next start can use', async () => {
    const process = DaemonProcess.spawn(dataDir);
    await sleep(700);
    await process.stop();
    const daemon = await Daemon.start(dataDir);
    expect(Object.keys(await states(await Rpc.login(daemon)))).toHaveLength(4);
    await daemon.stop();
  });
});

describe('a pool', () => {
  it('is continued as it is, whatever --emulate says later', async () => {
    const first = await Daemon.start(dataDir, { emulate: 'hosts=1,vms=2' });
    const rpc = await Rpc.login(first);
    await rpc.call('VM.set_name_label', await vm(rpc, 'vm-1'), 'vm-renamed');
    await first.stop();
    const second = await Daemon.start(dataDir, { emulate: 'hosts=2,vms=7' });
    const again = await Rpc.login(second);
    expect(Object.keys(await states(again)).sort()).toEqual(['vm-2', 'vm-renamed']);
    expect(await again.call('host.get_all')).toHaveLength(1);
    await second.stop();
  });

  it('is forgotten with --store memory', async () => {
    const options = { emulate: 'hosts=1,vms=1', args: ['--store', 'memory'] };
    const first = await Daemon.start(dataDir, options);
    const rpc = await Rpc.login(first);
    await rpc.call('VM.set_name_label', await vm(rpc, 'vm-1'), 'vm-renamed');
    await first.stop();
    const second = await Daemon.start(dataDir, options);
    expect(Object.keys(await states(await Rpc.login(second)))).toEqual(['vm-1']);
    await second.stop();
  });
});
