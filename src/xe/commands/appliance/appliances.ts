import type { Command } from '../../command.js';
import { onUuid, printUuid, refOf } from '../support.js';

/** Appliances: VMs that start and stop together. */
export const applianceCommands: readonly Command[] = [
  {
    name: 'appliance-create',
    required: ['name-label'],
    optional: ['name-description'],
    description: 'Makes an appliance without VMs and prints its uuid.',
    async run(context) {
      const { api, parameters } = context;
      const appliance = await api.create('VM_appliance', {
        name_label: parameters.required('name-label'),
        name_description: parameters.text('name-description', ''),
      });
      printUuid(context, 'VM_appliance', appliance);
    },
  },
  {
    name: 'appliance-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Removes an appliance. Its VMs stay.',
    run: onUuid('VM_appliance', 'destroy'),
  },
  {
    name: 'appliance-start',
    required: ['uuid'],
    optional: ['paused'],
    description: 'Starts the VMs of an appliance in their order; paused=true leaves them paused.',
    async run(context) {
      const paused = context.parameters.boolean('paused');
      await context.api.call('VM_appliance', 'start', refOf(context, 'VM_appliance', 'uuid'), paused);
    },
  },
  {
    name: 'appliance-shutdown',
    required: ['uuid'],
    optional: ['force'],
    description: 'Shuts down the VMs of an appliance in their order; with force=true takes their power away.',
    async run(context) {
      const message = context.parameters.boolean('force') ? 'hard_shutdown' : 'clean_shutdown';
      await context.api.call('VM_appliance', message, refOf(context, 'VM_appliance', 'uuid'));
    },
  },
];
