import { enums } from '../../../../schema/enums.js';
import type { Command, CommandContext } from '../../command.js';
import { parseInteger, parseWord } from '../../values.js';
import { onUuid, printUuid } from '../support.js';

/** Snapshots that a schedule keeps unless the command line says otherwise. */
const RETAINED = '7';

/** Schedules for snapshots of VMs. */
export const scheduleCommands: readonly Command[] = [
  {
    name: 'vmss-create',
    required: ['name-label', 'type', 'frequency'],
    optional: ['name-description', 'enabled', 'schedule:', 'retained-snapshots'],
    description:
      'Makes a schedule for snapshots and prints its uuid. Types are snapshot, checkpoint and snapshot_with_quiesce; frequencies hourly, daily and weekly; schedule:hour, schedule:min and schedule:days say when.',
    run: createSchedule,
  },
  {
    name: 'vmss-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Removes a schedule for snapshots. The snapshots stay.',
    run: onUuid('VMSS', 'destroy'),
  },
];

async function createSchedule(context: CommandContext): Promise<void> {
  const { api, parameters } = context;
  const schedule = await api.create('VMSS', {
    name_label: parameters.required('name-label'),
    name_description: parameters.text('name-description', ''),
    enabled: parameters.boolean('enabled', true),
    type: parseWord(enums.vmss_type, parameters.required('type')),
    retained_snapshots: parseInteger('retained-snapshots', parameters.text('retained-snapshots', RETAINED)),
    frequency: parseWord(enums.vmss_frequency, parameters.required('frequency')),
    schedule: parameters.map('schedule'),
  });
  printUuid(context, 'VMSS', schedule);
}
