import type { Ref } from '../../../model/ref.js';
import type { Command, CommandContext } from '../../command.js';
import { onVms } from '../../selectors/vms.js';
import { refOrNull } from '../support.js';

/** Copies of VMs of every kind. */
export const copyCommands: readonly Command[] = [
  {
    name: 'vm-clone',
    required: ['new-name-label'],
    optional: ['new-name-description'],
    selectors: 'vm',
    flags: ['standard'],
    description:
      'Clones VMs or templates, with disks that share what is the same where the SR can, and prints the uuids of the clones.',
    async run(context) {
      const name = context.parameters.required('new-name-label');
      await printCopies(
        context,
        await onVms(context, ({ ref }) => context.api.call('VM', 'clone', ref, name), { templates: true }),
      );
    },
  },
  {
    name: 'vm-copy',
    required: ['new-name-label'],
    optional: ['new-name-description', 'sr-uuid'],
    selectors: 'vm',
    flags: ['standard'],
    description:
      'Copies a VM or template with all data of its disks, into one SR if sr-uuid names it, and prints the uuid of the copy.',
    async run(context) {
      const name = context.parameters.required('new-name-label');
      const sr = refOrNull(context, 'SR', 'sr-uuid');
      const copies = await onVms(context, ({ ref }) => context.api.call('VM', 'copy', ref, name, sr), {
        templates: true,
        single: true,
      });
      await printCopies(context, copies);
    },
  },
  {
    name: 'vm-snapshot',
    required: ['new-name-label'],
    optional: ['new-name-description', 'ignore-vdi-uuids'],
    selectors: 'vm',
    flags: ['standard'],
    description:
      'Takes snapshots of VMs with their disks, those in ignore-vdi-uuids left out, and prints the uuids of the snapshots.',
    async run(context) {
      const { api, parameters } = context;
      const name = parameters.required('new-name-label');
      const ignored = parameters.commas('ignore-vdi-uuids').map((uuid) => api.byUuid('VDI', uuid));
      await printCopies(context, await onVms(context, ({ ref }) => api.call('VM', 'snapshot', ref, name, ignored)));
    },
  },
  {
    name: 'vm-snapshot-with-quiesce',
    required: ['new-name-label'],
    optional: ['new-name-description'],
    selectors: 'vm',
    flags: ['standard'],
    description: 'Takes snapshots of VMs whose guests bring their disks to rest for it, and prints the uuids of the snapshots.',
    async run(context) {
      const name = context.parameters.required('new-name-label');
      await printCopies(context, await onVms(context, ({ ref }) => context.api.call('VM', 'snapshot_with_quiesce', ref, name)));
    },
  },
  {
    name: 'vm-checkpoint',
    required: ['new-name-label'],
    optional: ['new-name-description'],
    selectors: 'vm',
    flags: ['standard'],
    description: 'Takes snapshots of running VMs with their memory, and prints the uuids of the snapshots.',
    async run(context) {
      const name = context.parameters.required('new-name-label');
      await printCopies(context, await onVms(context, ({ ref }) => context.api.call('VM', 'checkpoint', ref, name)));
    },
  },
];

/** Prints the uuids of new VMs; the first of them gets the description of the command line, if there is one. */
export async function printCopies({ api, parameters, printer }: CommandContext, copies: readonly Ref<'VM'>[]): Promise<void> {
  const [first] = copies;
  const description = parameters.find('new-name-description');
  if (first !== undefined && description !== undefined) await api.set('VM', first, 'name_description', description);
  printer.lines(...copies.map((copy) => api.uuid('VM', copy)));
}
