import { afterAll, beforeAll, expect, it } from 'vitest';
import { evaluate } from '../../../../../test-support/lab-machine/inside/evaluate.js';
import { type LabMachine, startLabMachine } from '../../../../../test-support/lab-machine/lab-machine.js';
import { StorageServer } from '../../../../../test-support/lab-machine/storage-server.js';
import type { SanTrial } from './testing/on-san.js';

/** Milliseconds for one life of an SR on a machine that many share. */
const PATIENCE = 1_800_000;

let machine: LabMachine;

beforeAll(async () => {
  machine = await startLabMachine();
});

afterAll(async () => {
  await machine?.close();
});

function seenOf(trial: SanTrial): Promise<unknown> {
  return evaluate(machine, new URL('./testing/on-san.ts', import.meta.url), trial, PATIENCE);
}

const NOTHING = { sessions: 0, maps: 0, volumes: 0, asked: [] };
const KEPT = { contentKept: true, snapshotKept: true, grownSize: 96, foundSr: true, foundAgain: [64, 96], keptAgain: true };

it('keeps disks on a unit of an iSCSI target that two ways lead to', { timeout: PATIENCE }, async () => {
  const storage = new StorageServer(machine);
  const served = await storage.serveDisk('san', 512);
  const { target, scsiId } = served;
  const link = (state: string): readonly string[] => ['ip', 'link', 'set', 'storage2', state];
  const seen = await seenOf({
    type: 'lvmoiscsi',
    steps: [{ target: storage.address(1) }, { targetIQN: target }, { SCSIid: scsiId }],
    cut: { cut: link('down'), mend: link('up') },
  });
  expect(seen).toEqual({
    refusals: ['SR_BACKEND_FAILURE_96', 'SR_BACKEND_FAILURE_107', ''],
    afterCreate: NOTHING,
    attached: { sessions: 2, maps: 1, volumes: 0, asked: [scsiId], paths: '2/2', iscsiSessions: 2 },
    changes: ['1/2', '2/2'],
    ...KEPT,
    afterDetach: NOTHING,
    atEnd: NOTHING,
    warnings: [],
  });
  await storage.withdrawDisk(served);
});
