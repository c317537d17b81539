import { expect, it } from 'vitest';
import { evaluate } from '../../../../../test-support/lab-machine/inside/evaluate.js';
import { startLabMachine } from '../../../../../test-support/lab-machine/lab-machine.js';
import { StorageServer } from '../../../../../test-support/lab-machine/storage-server.js';

const NAME = 'iqn.2026-01.test.lab:renamed';

it('shows itself to targets under the name that it was given', { timeout: 900_000 }, async () => {
  const machine = await startLabMachine();
  try {
    const { target, portals } = await new StorageServer(machine).serveDisk('named', 64);
    const renamed = await evaluate(machine, new URL('./testing/rename-initiator.ts', import.meta.url), { name: NAME });
    expect(renamed).toEqual(['iqn.2026-01.test.lab:initiator', NAME]);
    const node = ['-m', 'node', '-T', target, '-p', portals[0]];
    await machine.run('iscsiadm', [...node, '-o', 'new']);
    await machine.run('iscsiadm', [...node, '--login']);
    const sessions = await machine.runAtStorage('cat', [`/sys/kernel/config/target/iscsi/${target}/tpgt_1/dynamic_sessions`]);
    expect(sessions.replaceAll('\0', '').trim()).toBe(NAME);
    await machine.run('iscsiadm', [...node, '--logout']);
  } finally {
    await machine.close();
  }
});
