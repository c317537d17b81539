import type { Command, CommandContext } from '../../command.js';
import { onUuid, printUuid, refOf } from '../support.js';

/** GPUs, and the groups that VMs get theirs from. */
export const gpuCommands: readonly Command[] = [
  {
    name: 'gpu-group-create',
    required: ['name-label'],
    optional: ['name-description'],
    description: 'Makes an empty group of GPUs and prints its uuid.',
    async run(context) {
      const { api, parameters } = context;
      const [name, description] = [parameters.required('name-label'), parameters.text('name-description', '')];
      printUuid(context, 'GPU_group', await api.call('GPU_group', 'create', name, description, new Map()));
    },
  },
  {
    name: 'gpu-group-destroy',
    required: ['uuid'],
    optional: [''],
    description: 'Removes a group without GPUs.',
    run: onUuid('GPU_group', 'destroy'),
  },
  {
    name: 'gpu-group-get-remaining-capacity',
    required: ['uuid', 'vgpu-type-uuid'],
    optional: [],
    description: 'Prints how many more virtual GPUs of a type the GPUs of a group have room for.',
    async run(context) {
      const group = refOf(context, 'GPU_group', 'uuid');
      const type = refOf(context, 'VGPU_type', 'vgpu-type-uuid');
      context.printer.message(String(await context.api.call('GPU_group', 'get_remaining_capacity', group, type)));
    },
  },
  {
    name: 'pgpu-enable-dom0-access',
    required: ['uuid'],
    optional: [],
    description: 'Lets the host itself use a GPU, from its next start on if need be, and prints how that stands.',
    run: (context) => dom0Access(context, 'enable_dom0_access'),
  },
  {
    name: 'pgpu-disable-dom0-access',
    required: ['uuid'],
    optional: [],
    description: 'Keeps the host itself from using a GPU, from its next start on if need be, and prints how that stands.',
    run: (context) => dom0Access(context, 'disable_dom0_access'),
  },
];

async function dom0Access(context: CommandContext, message: 'enable_dom0_access' | 'disable_dom0_access'): Promise<void> {
  context.printer.message(await context.api.call('PGPU', message, refOf(context, 'PGPU', 'uuid')));
}
