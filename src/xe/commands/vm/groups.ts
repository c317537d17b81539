import type { EnumValue } from '../../../model/types.js';
import type { Command, CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { onUuid, printUuid } from '../support.js';

const PLACEMENTS: Readonly<Record<string, EnumValue<'placement_policy'>>> = {
  normal: 'normal',
  'anti-affinity': 'anti_affinity',
};

/** Groups of VMs that are placed with regard to each other. */
export const groupCommands: readonly Command[] = [
  {
    name: 'vm-group-create',
    required: ['name-label', 'placement'],
    optional: ['name-description'],
    description:
      'Makes a group of VMs and prints its uuid. With placement=anti-affinity its VMs start on different hosts where that can be; normal says nothing.',
    run: createGroup,
  },
  {
    name: 'vm-group-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Removes a group of VMs. The VMs stay.',
    run: onUuid('VM_group', 'destroy'),
  },
];

async function createGroup(context: CommandContext): Promise<void> {
  const { api, parameters } = context;
  const word = parameters.required('placement');
  const placement = Object.entries(PLACEMENTS).find(([known]) => known === word.toLowerCase())?.[1];
  if (placement === undefined) throw new CommandFailure(`Invalid VM placement policy, got ${word}`);
  const group = await api.create('VM_group', {
    name_label: parameters.required('name-label'),
    name_description: parameters.text('name-description', ''),
    placement,
  });
  printUuid(context, 'VM_group', group);
}
