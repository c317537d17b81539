import { enums } from '../../../../schema/enums.js';
import type { Command } from '../../command.js';
import { parseWord } from '../../values.js';
import { onUuid, printUuid, refOf } from '../support.js';

/** How a bond works where nobody says. */
const MODE = 'balance-slb';

/** Bonds of several cards. */
export const bondCommands: readonly Command[] = [
  {
    name: 'bond-create',
    required: ['network-uuid', 'pif-uuids'],
    optional: ['mac', 'mode', 'properties:'],
    description: 'Joins the PIFs in pif-uuids, separated by commas, to one connection of a network. Prints the uuid of the bond.',
    async run(context) {
      const { api, parameters } = context;
      const network = refOf(context, 'network', 'network-uuid');
      const members = parameters.commas('pif-uuids').map((uuid) => api.byUuid('PIF', uuid));
      const mode = parseWord(enums.bond_mode, parameters.text('mode', '') || MODE);
      const properties = parameters.map('properties');
      printUuid(
        context,
        'Bond',
        await api.call('Bond', 'create', network, members, parameters.text('mac', ''), mode, properties),
      );
    },
  },
  {
    name: 'bond-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Takes a bond apart.',
    run: onUuid('Bond', 'destroy'),
  },
  {
    name: 'bond-set-mode',
    required: ['uuid', 'mode'],
    optional: [],
    description: `Changes how a bond shares its work: ${enums.bond_mode.join(', ')}.`,
    async run(context) {
      const bond = refOf(context, 'Bond', 'uuid');
      await context.api.call('Bond', 'set_mode', bond, parseWord(enums.bond_mode, context.parameters.required('mode')));
    },
  },
];
