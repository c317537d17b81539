import { enums } from '../../../../schema/enums.js';
import { isNullRef } from '../../../model/ref.js';
import type { Command, CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { parseWord } from '../../values.js';
import { onUuid, printUuid, refOf, refOrNull } from '../support.js';
import { unplugVbd } from './vbd-unplug.js';

/** Drives of VMs. */
export const vbdCommands: readonly Command[] = [
  {
    name: 'vbd-create',
    required: ['vm-uuid', 'device'],
    optional: ['vdi-uuid', 'bootable', 'type', 'mode', 'unpluggable'],
    description:
      'Gives a VM a drive at a position and prints its uuid. type is Disk, CD or Floppy, mode RO or RW; without vdi-uuid the drive is empty, which disks cannot be.',
    run: createVbd,
  },
  {
    name: 'vbd-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Takes a drive away from a VM. What is in it stays.',
    run: onUuid('VBD', 'destroy'),
  },
  {
    name: 'vbd-eject',
    required: ['uuid'],
    optional: [],
    description: 'Takes out what is in a drive.',
    run: onUuid('VBD', 'eject'),
  },
  {
    name: 'vbd-insert',
    required: ['uuid', 'vdi-uuid'],
    optional: [],
    description: 'Puts a disk into an empty drive.',
    async run(context) {
      const vbd = refOf(context, 'VBD', 'uuid');
      await context.api.call('VBD', 'insert', vbd, refOf(context, 'VDI', 'vdi-uuid'));
    },
  },
  {
    name: 'vbd-plug',
    required: ['uuid'],
    optional: [],
    description: 'Plugs a drive into its running VM.',
    run: onUuid('VBD', 'plug'),
  },
  {
    name: 'vbd-unplug',
    required: ['uuid'],
    optional: ['timeout', 'force'],
    description:
      'Unplugs a drive from its running VM. A guest that refuses at first may take timeout seconds to let go; force=true does not ask it.',
    run: (context) => unplugVbd(context),
  },
  {
    name: 'vbd-pause',
    required: ['uuid'],
    optional: [],
    flags: ['hidden'],
    description: 'Holds back what a guest reads and writes, and prints the word that lets it go on.',
    async run(context) {
      context.printer.lines(await context.api.call('VBD', 'pause', refOf(context, 'VBD', 'uuid')));
    },
  },
  {
    name: 'vbd-unpause',
    required: ['uuid', 'token'],
    optional: [],
    flags: ['hidden'],
    description: 'Lets go on what vbd-pause held back.',
    async run(context) {
      await context.api.call('VBD', 'unpause', refOf(context, 'VBD', 'uuid'), context.parameters.required('token'));
    },
  },
];

async function createVbd(context: CommandContext): Promise<void> {
  const { api, parameters } = context;
  const vm = refOf(context, 'VM', 'vm-uuid');
  const vdi = refOrNull(context, 'VDI', 'vdi-uuid');
  const type = parseWord(enums.vbd_type, parameters.text('type', 'Disk'));
  if (isNullRef(vdi) && type === 'Disk') throw new CommandFailure('Only drives of type CD or Floppy can be empty: give vdi-uuid');
  const vbd = await api.create('VBD', {
    VM: vm,
    VDI: vdi,
    userdevice: parameters.required('device'),
    bootable: parameters.boolean('bootable'),
    mode: parseWord(enums.vbd_mode, parameters.text('mode', 'RW')),
    type,
    unpluggable: parameters.boolean('unpluggable', true),
    empty: isNullRef(vdi),
    other_config: new Map(),
    qos_algorithm_type: '',
    qos_algorithm_params: new Map(),
  });
  printUuid(context, 'VBD', vbd);
}
