import { afterAll, beforeAll, expect, it } from 'vitest';
import { Rpc } from '../../rpc.js';
import { type LabMachine, startLabMachine } from '../lab-machine.js';
import { startDaemon } from './daemon.js';

let machine: LabMachine;

beforeAll(async () => {
  machine = await startLabMachine();
});

afterAll(async () => {
  await machine?.close();
});

it('the daemon manages the lab machine that it runs in', async () => {
  const daemon = await startDaemon(machine);
  const rpc = await Rpc.login(daemon);
  const hosts = Object.values((await rpc.call('host.get_all_records')) as Record<string, { hostname: string }>);
  expect(hosts.map(({ hostname }) => hostname)).toEqual(['lab']);
  rpc.close();
  await daemon.process.signal('TERM');
  expect(await daemon.process.ended, daemon.output()).toBe(0);
});
