import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { ApiClient } from '../../api/api-client.js';
import type { Command, CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import type { Target } from '../../records/record-class.js';
import { onVms } from '../../selectors/vms.js';
import { attachDisk } from './attach-disk.js';

/** Names a drive without a CD. */
const EMPTY = '<EMPTY>';

/** CDs of VMs: disks of SRs for images of CDs, by their name. */
export const cdCommands: readonly Command[] = [
  {
    name: 'vm-cd-add',
    required: ['cd-name', 'device'],
    optional: [],
    selectors: 'vm',
    flags: ['standard'],
    description: 'Gives VMs a CD drive at a position, with a CD in it.',
    async run(context) {
      const { api, parameters } = context;
      await onVms(context, (vm) =>
        attachDisk(api, {
          vm: vm.ref,
          vdi: cdNamed(api, parameters.required('cd-name')),
          device: parameters.required('device'),
          type: 'CD',
          mode: 'RO',
          unpluggable: true,
        }),
      );
    },
  },
  {
    name: 'vm-cd-remove',
    required: ['cd-name'],
    optional: [],
    selectors: 'vm',
    flags: ['standard'],
    description: `Takes away from VMs the CD drive that a CD is in; cd-name=${EMPTY} takes an empty one.`,
    async run(context) {
      await onVms(context, (vm) => removeDrive(context, vm));
    },
  },
  {
    name: 'vm-cd-eject',
    required: [],
    optional: [],
    selectors: 'vm',
    flags: ['standard'],
    description: 'Takes the CD out of the drive of VMs that have one drive.',
    async run(context) {
      await onVms(context, (vm) => eject(context, vm));
    },
  },
  {
    name: 'vm-cd-insert',
    required: ['cd-name'],
    optional: [],
    selectors: 'vm',
    flags: ['standard'],
    description: 'Puts a CD into the drive of VMs that have one empty drive.',
    async run(context) {
      await onVms(context, (vm) => insert(context, vm));
    },
  },
];

/** The CD of a name; of several the first. Throws CommandFailure when there is none. */
function cdNamed(api: ApiClient, name: string): Ref<'VDI'> {
  for (const [ref, { fields }] of api.records('VDI')) if (fields.name_label === name && isCd(api, fields.SR)) return ref;
  throw new CommandFailure(`There is no CD with the name ${name}`);
}

function isCd(api: ApiClient, sr: Ref<'SR'>): boolean {
  return api.get('SR', sr, 'content_type') === 'iso';
}

function cdDrives(api: ApiClient, { record }: Target<'VM'>): Ref<'VBD'>[] {
  return record.fields.VBDs.filter((vbd) => api.get('VBD', vbd, 'type') === 'CD');
}

async function removeDrive({ api, parameters }: CommandContext, vm: Target<'VM'>): Promise<void> {
  const name = parameters.required('cd-name');
  const drive = cdDrives(api, vm).find((vbd) => cdIn(api, vbd) === name);
  if (drive === undefined) throw new CommandFailure(`The VM has no drive with the CD ${name}`);
  await api.destroy('VBD', drive);
}

/** Name of the CD in a drive, EMPTY without one; undefined for a disk that is no CD. */
function cdIn(api: ApiClient, vbd: Ref<'VBD'>): string | undefined {
  const { empty, VDI } = api.record('VBD', vbd).fields;
  if (empty) return EMPTY;
  const { name_label, SR } = api.record('VDI', VDI).fields;
  return isCd(api, SR) ? name_label : undefined;
}

async function eject({ api }: CommandContext, vm: Target<'VM'>): Promise<void> {
  const [drive, second] = cdDrives(api, vm);
  if (drive === undefined) throw new CommandFailure('The VM has no CD drive');
  if (second !== undefined) throw new CommandFailure('The VM has several CD drives: choose one with vbd-eject');
  await api.call('VBD', 'eject', drive);
}

async function insert({ api, parameters }: CommandContext, vm: Target<'VM'>): Promise<void> {
  const [drive, second] = cdDrives(api, vm).filter((vbd) => api.get('VBD', vbd, 'empty'));
  if (drive === undefined) throw new ApiError('VM_NO_EMPTY_CD_VBD', vm.ref);
  if (second !== undefined) throw new CommandFailure('The VM has several empty CD drives: choose one with vbd-insert');
  await api.call('VBD', 'insert', drive, cdNamed(api, parameters.required('cd-name')));
}
