import type { Command } from '../../command.js';
import { onVms } from '../../selectors/vms.js';
import { exportOptions, exportVm } from './export-file.js';

/** VMs into files. */
export const exportCommands: readonly Command[] = [
  {
    name: 'vm-export',
    required: ['filename'],
    optional: ['preserve-power-state', 'compress', 'metadata', 'excluded-device-types', 'include-snapshots'],
    selectors: 'vm',
    flags: ['standard'],
    description:
      'Exports VMs to a file of yours (several to files with numbers at the end), or to standard output with an empty filename. compress is true, gzip or zstd; metadata=true leaves the data of the disks out.',
    async run(context) {
      const fileName = context.parameters.required('filename');
      const options = exportOptions(context.parameters);
      let number = 0;
      await onVms(context, ({ ref }) => {
        number++;
        return exportVm(context, ref, number === 1 ? fileName : `${fileName}${number}`, options);
      });
    },
  },
];
