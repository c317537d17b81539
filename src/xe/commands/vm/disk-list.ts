import type { Command, CommandContext } from '../../command.js';
import { recordClass } from '../../records/classes.js';
import type { Target } from '../../records/record-class.js';
import { fieldsNamed, tableRows } from '../../records/show.js';
import { targetOfRef } from '../../records/targets.js';
import { onVms } from '../../selectors/vms.js';

/** What is shown of a disk unless `vdi-params=` says otherwise. */
const DISK_FIELDS = ['uuid', 'name-label', 'virtual-size', 'sr-name-label'];

/** The drives of VMs with what is in them. */
export const diskListCommands: readonly Command[] = [
  {
    name: 'vm-disk-list',
    required: [],
    optional: ['vbd-params', 'vdi-params'],
    selectors: 'vm',
    flags: ['standard'],
    description: 'Lists the disks of VMs: for each the drive (its fields chosen by vbd-params) and what is in it (vdi-params).',
    async run(context) {
      await onVms(context, (vm) => listDisks(context, vm, 'Disk'));
    },
  },
  {
    name: 'vm-cd-list',
    required: [],
    optional: ['vbd-params', 'vdi-params'],
    selectors: 'vm',
    flags: ['standard'],
    description:
      'Lists the CD drives of VMs: for each the drive (its fields chosen by vbd-params) and the CD in it (vdi-params).',
    async run(context) {
      await onVms(context, (vm) => listDisks(context, vm, 'CD'));
    },
  },
];

/** Prints the drives of one kind of a VM, each with a heading, and what is in those that are not empty. */
export async function listDisks(context: CommandContext, { record }: Target<'VM'>, kind: 'Disk' | 'CD'): Promise<void> {
  const { api, parameters, printer } = context;
  const [vbdClass, vdiClass] = [recordClass('vbd'), recordClass('vdi')];
  const drive = ['uuid', 'vm-name-label', 'userdevice', ...(kind === 'CD' ? ['empty'] : [])];
  const vbdFields = fieldsNamed(vbdClass, parameters.find('vbd-params'), drive);
  const vdiFields = fieldsNamed(vdiClass, parameters.find('vdi-params'), DISK_FIELDS);
  const vbds = record.fields.VBDs.filter((vbd) => api.get('VBD', vbd, 'type') === kind);
  for (const [number, vbd] of vbds.entries()) {
    printer.message(`${kind} ${number} VBD:`);
    printer.table(await tableRows([targetOfRef(api, vbdClass, vbd)], vbdFields));
    const { empty, VDI: vdi } = api.record('VBD', vbd).fields;
    if (empty) continue;
    printer.message(`${kind} ${number} VDI:`);
    printer.table(await tableRows([targetOfRef(api, vdiClass, vdi)], vdiFields));
  }
}
