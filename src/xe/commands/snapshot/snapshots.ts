import type { Command, CommandContext } from '../../command.js';
import { refOrNull } from '../support.js';
import { printCopies } from '../vm/copies.js';
import { listDisks } from '../vm/disk-list.js';
import { exportOptions, exportVm } from '../vm/export-file.js';
import { assertForced } from '../vm/power.js';
import { uninstall } from '../vm/uninstall.js';
import { snapshotNamed } from './snapshot-named.js';

/** Snapshots of VMs. */
export const snapshotCommands: readonly Command[] = [
  {
    name: 'snapshot-clone',
    required: ['new-name-label'],
    optional: ['uuid', 'new-name-description'],
    flags: ['standard'],
    description: 'Makes a template of a snapshot, with disks that share what is the same where the SR can, and prints its uuid.',
    async run(context) {
      const name = context.parameters.required('new-name-label');
      await printCopies(context, [await context.api.call('VM', 'clone', snapshotNamed(context), name)]);
    },
  },
  {
    name: 'snapshot-copy',
    required: ['new-name-label'],
    optional: ['uuid', 'new-name-description', 'sr-uuid'],
    flags: ['standard'],
    description:
      'Makes a template of a snapshot with all data of its disks, into one SR if sr-uuid names it, and prints its uuid.',
    async run(context) {
      const name = context.parameters.required('new-name-label');
      const sr = refOrNull(context, 'SR', 'sr-uuid');
      await printCopies(context, [await context.api.call('VM', 'copy', snapshotNamed(context), name, sr)]);
    },
  },
  {
    name: 'snapshot-revert',
    required: [],
    optional: ['uuid', 'snapshot-uuid'],
    flags: ['standard'],
    description: 'Brings a VM back to what it was when a snapshot of it was taken.',
    async run(context) {
      await context.api.call('VM', 'revert', snapshotNamed(context));
    },
  },
  {
    name: 'snapshot-destroy',
    required: [],
    optional: ['uuid', 'snapshot-uuid'],
    description: 'Removes a snapshot. Its disks stay.',
    run: destroySnapshot,
  },
  {
    name: 'snapshot-uninstall',
    required: [],
    optional: ['uuid', 'snapshot-uuid', 'force'],
    flags: ['standard'],
    description: 'Removes a snapshot with the disks that are its alone. Asks before, unless force=true.',
    run: (context) => uninstall(context, [snapshotNamed(context)]),
  },
  {
    name: 'snapshot-reset-powerstate',
    required: [],
    optional: ['uuid', 'snapshot-uuid', 'force'],
    selectors: 'vm',
    flags: ['standard'],
    description: 'Has the pool take a snapshot that was taken with its memory for halted: the memory is forgotten.',
    async run(context) {
      assertForced(context);
      await context.api.call('VM', 'power_state_reset', snapshotNamed(context));
    },
  },
  {
    name: 'snapshot-disk-list',
    required: [],
    optional: ['uuid', 'snapshot-uuid', 'vbd-params', 'vdi-params'],
    selectors: 'vm',
    flags: ['standard'],
    description:
      'Lists the disks of a snapshot: for each the drive (its fields chosen by vbd-params) and what is in it (vdi-params).',
    async run(context) {
      const { api } = context;
      const ref = snapshotNamed(context);
      await listDisks(context, { api, ref, record: api.record('VM', ref) }, 'Disk');
    },
  },
  {
    name: 'snapshot-export-to-template',
    required: ['filename', 'snapshot-uuid'],
    optional: ['preserve-power-state', 'compress', 'metadata', 'excluded-device-types'],
    flags: ['standard'],
    description: 'Exports a snapshot to a file of yours that is imported as a template. compress is true, gzip or zstd.',
    async run(context) {
      const options = exportOptions(context.parameters);
      await exportVm(context, snapshotNamed(context), context.parameters.required('filename'), options);
    },
  },
];

async function destroySnapshot(context: CommandContext): Promise<void> {
  const { api } = context;
  const snapshot = snapshotNamed(context);
  if (api.get('VM', snapshot, 'power_state') !== 'Halted') await api.call('VM', 'hard_shutdown', snapshot);
  await api.destroy('VM', snapshot);
}
