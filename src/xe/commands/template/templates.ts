import type { Ref } from '../../../model/ref.js';
import type { Command, CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { refOf } from '../support.js';
import { exportOptions, exportVm } from '../vm/export-file.js';
import { uninstall } from '../vm/uninstall.js';

/** Templates of VMs. */
export const templateCommands: readonly Command[] = [
  {
    name: 'template-export',
    required: ['filename', 'template-uuid'],
    optional: ['compress', 'metadata', 'excluded-device-types'],
    flags: ['standard'],
    description:
      'Exports a template to a file of yours. compress is true, gzip or zstd; metadata=true leaves the data of the disks out.',
    async run(context) {
      const options = { ...exportOptions(context.parameters), preservePowerState: false };
      const template = templateOf(context);
      if (context.api.get('VM', template, 'is_a_snapshot'))
        throw new CommandFailure('This is a snapshot: snapshot-export-to-template exports it');
      await exportVm(context, template, context.parameters.required('filename'), options);
    },
  },
  {
    name: 'template-uninstall',
    required: ['template-uuid'],
    optional: ['force'],
    flags: ['standard'],
    description: 'Removes a template with the disks that are its alone. Asks before, unless force=true.',
    run: (context) => uninstall(context, [templateOf(context)]),
  },
];

function templateOf(context: CommandContext): Ref<'VM'> {
  const template = refOf(context, 'VM', 'template-uuid');
  const { is_a_template, uuid } = context.api.record('VM', template).fields;
  if (!is_a_template) throw new CommandFailure(`${uuid} is no template`);
  return template;
}
