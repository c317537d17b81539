import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { Command, CommandContext } from '../../command.js';
import { parseInteger } from '../../values.js';
import { printUuid, refOf } from '../support.js';

/** VLANs, which people know by the PIF that a VLAN shows up as. */
export const vlanCommands: readonly Command[] = [
  {
    name: 'vlan-create',
    required: ['pif-uuid', 'vlan', 'network-uuid'],
    optional: [],
    description: 'Connects a network to a VLAN of a PIF and prints the uuid of the PIF that stands for it.',
    async run(context) {
      const { api, parameters } = context;
      const network = refOf(context, 'network', 'network-uuid');
      const pif = refOf(context, 'PIF', 'pif-uuid');
      const vlan = await api.call('VLAN', 'create', pif, parseInteger('vlan', parameters.required('vlan')), network);
      printUuid(context, 'PIF', api.get('VLAN', vlan, 'untagged_PIF'));
    },
  },
  {
    name: 'vlan-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Removes a VLAN, named by its own uuid or by that of the PIF that stands for it.',
    run: destroyVlan,
  },
];

async function destroyVlan(context: CommandContext): Promise<void> {
  const { api, parameters } = context;
  const uuid = parameters.required('uuid');
  try {
    await api.call('VLAN', 'destroy', api.byUuid('VLAN', uuid));
  } catch (thrown) {
    // What cannot be destroyed as a VLAN may be the PIF of one; if it is no PIF either, the first refusal stands.
    const pif = thrown instanceof ApiError && pifOf(context, uuid);
    if (!pif) throw thrown;
    await api.call('PIF', 'destroy', pif);
  }
}

function pifOf({ api }: CommandContext, uuid: string): Ref<'PIF'> | undefined {
  try {
    return api.byUuid('PIF', uuid);
  } catch (thrown) {
    if (thrown instanceof ApiError) return undefined;
    throw thrown;
  }
}
