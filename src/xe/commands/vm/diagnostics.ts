import { ApiError } from '../../../model/error.js';
import type { Command, CommandContext } from '../../command.js';
import { recordClass } from '../../records/classes.js';
import { fieldsNamed, tableRows } from '../../records/show.js';
import { targetOfRef } from '../../records/targets.js';
import { refOf } from '../support.js';
import { bootHosts, reason } from './boot-hosts.js';

/** What keeps a VM or a disk from being used. */
export const diagnosticCommands: readonly Command[] = [
  {
    name: 'diagnostic-vm-status',
    required: ['uuid'],
    optional: [],
    flags: ['standard'],
    description: 'Shows what a VM needs for its start: whether its disks can be attached, and which hosts could run it.',
    run: vmStatus,
  },
  {
    name: 'diagnostic-vdi-status',
    required: ['uuid'],
    optional: [],
    description: 'Shows a disk with the drives that it is in.',
    run: vdiStatus,
  },
];

async function vmStatus(context: CommandContext): Promise<void> {
  const { api, printer } = context;
  const vm = refOf(context, 'VM', 'uuid');
  const vmClass = recordClass('vm');
  const vmFields = fieldsNamed(vmClass, undefined, ['uuid', 'name-label', 'power-state', 'possible-hosts']);
  printer.table(await tableRows([targetOfRef(api, vmClass, vm)], vmFields, 'computed'));
  printer.lines('Drives, and whether they can be attached:');
  const vbdClass = recordClass('vbd');
  const vbdFields = fieldsNamed(vbdClass, undefined, ['uuid', 'vdi-uuid', 'empty', 'device', 'userdevice', 'attachable']);
  const vbds = api.get('VM', vm, 'VBDs').map((ref) => targetOfRef(api, vbdClass, ref));
  printer.table(await tableRows(vbds, vbdFields, 'computed'));
  printer.lines('Hosts, and whether the VM could start there:');
  printer.table([await bootHosts(api, vm)]);
  try {
    await api.call('VM', 'assert_agile', vm);
    printer.lines('The VM is agile: it can move between hosts.');
  } catch (thrown) {
    if (!(thrown instanceof ApiError)) throw thrown;
    printer.lines(`The VM is not agile: ${reason(api, thrown)}`);
  }
}

async function vdiStatus(context: CommandContext): Promise<void> {
  const { api, printer } = context;
  const vdi = refOf(context, 'VDI', 'uuid');
  const vdiClass = recordClass('vdi');
  const shown = ['uuid', 'name-label', 'sr-uuid', 'virtual-size', 'sharable', 'read-only', 'storage-lock', 'managed', 'missing'];
  printer.table(await tableRows([targetOfRef(api, vdiClass, vdi)], fieldsNamed(vdiClass, undefined, shown)));
  const vbdClass = recordClass('vbd');
  const vbds = api.get('VDI', vdi, 'VBDs').map((ref) => targetOfRef(api, vbdClass, ref));
  printer.lines(vbds.length === 0 ? 'The disk is in no drive.' : 'Drives that the disk is in:');
  const fields = fieldsNamed(vbdClass, undefined, ['uuid', 'vm-uuid', 'vm-name-label', 'device', 'mode', 'currently-attached']);
  printer.table(await tableRows(vbds, fields));
}
