import type { Ref } from '../../../model/ref.js';
import type { Command, CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import type { Target } from '../../records/record-class.js';
import { onVms } from '../../selectors/vms.js';
import { parseSize } from '../../values.js';
import { defaultSr } from '../default-sr.js';
import { refOf } from '../support.js';
import { attachDisk } from './attach-disk.js';

/** Disks of VMs. */
export const diskCommands: readonly Command[] = [
  {
    name: 'vm-disk-add',
    required: ['disk-size', 'device'],
    optional: ['sr-uuid'],
    selectors: 'vm',
    flags: ['standard'],
    description: 'Gives VMs a new disk each, in the default SR of the pool if sr-uuid names none. Running guests get it at once.',
    async run(context) {
      const size = parseSize('disk-size', context.parameters.required('disk-size'));
      const sr = context.parameters.has('sr-uuid') ? refOf(context, 'SR', 'sr-uuid') : defaultSr(context.api);
      if (sr === undefined) throw new CommandFailure('The pool has no default SR: name one with sr-uuid');
      await onVms(context, (vm) => addDisk(context, vm, sr, size));
    },
  },
  {
    name: 'vm-disk-remove',
    required: ['device'],
    optional: [],
    selectors: 'vm',
    flags: ['standard'],
    description: 'Takes the disk at a position away from VMs and destroys it.',
    async run(context) {
      await onVms(context, (vm) => removeDisk(context, vm));
    },
  },
];

async function addDisk({ api, parameters }: CommandContext, vm: Target<'VM'>, sr: Ref<'SR'>, size: number): Promise<void> {
  const vdi = await api.create('VDI', {
    name_label: 'Disk added with xe',
    name_description: '',
    SR: sr,
    virtual_size: size,
    type: 'user',
    sharable: false,
    read_only: false,
    other_config: new Map(),
    sm_config: new Map([['vmhint', vm.record.fields.uuid]]),
  });
  try {
    await attachDisk(api, {
      vm: vm.ref,
      vdi,
      device: parameters.required('device'),
      type: 'Disk',
      mode: 'RW',
      unpluggable: true,
      // Uninstalling the VM takes its own disks along.
      otherConfig: new Map([['owner', '']]),
    });
  } catch (thrown) {
    await api.destroy('VDI', vdi).catch(() => undefined);
    throw thrown;
  }
}

async function removeDisk({ api, parameters }: CommandContext, { record }: Target<'VM'>): Promise<void> {
  const device = parameters.required('device');
  const vbd = record.fields.VBDs.find((ref) => api.get('VBD', ref, 'userdevice') === device);
  if (vbd === undefined) throw new CommandFailure(`The VM has no disk at ${device}`);
  const vdi = api.get('VBD', vbd, 'VDI');
  await api.destroy('VBD', vbd);
  await api.destroy('VDI', vdi);
}
