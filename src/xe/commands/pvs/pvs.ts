import type { Command } from '../../command.js';
import { parseInt64 } from '../../values.js';
import { onUuid, printUuid, refOf } from '../support.js';

/** Provisioning Services: sites, their servers, and the proxies of VMs. */
export const pvsCommands: readonly Command[] = [
  {
    name: 'pvs-site-introduce',
    required: ['name-label'],
    optional: ['name-description', 'pvs-uuid'],
    description: 'Makes a PVS site known and prints its uuid.',
    async run(context) {
      const { api, parameters } = context;
      const [name, description] = [parameters.required('name-label'), parameters.text('name-description', '')];
      printUuid(context, 'PVS_site', await api.call('PVS_site', 'introduce', name, description, parameters.text('pvs-uuid', '')));
    },
  },
  {
    name: 'pvs-site-forget',
    required: ['uuid'],
    optional: [],
    description: 'Makes the pool forget a PVS site.',
    run: onUuid('PVS_site', 'forget'),
  },
  {
    name: 'pvs-server-introduce',
    required: ['addresses', 'first-port', 'last-port', 'pvs-site-uuid'],
    optional: [],
    description: 'Makes a server of a PVS site known, by its addresses, separated by commas, and its ports. Prints its uuid.',
    async run(context) {
      const { api, parameters } = context;
      const addresses = parameters.commas('addresses');
      const first = parseInt64(parameters.required('first-port'));
      const last = parseInt64(parameters.required('last-port'));
      const site = refOf(context, 'PVS_site', 'pvs-site-uuid');
      printUuid(context, 'PVS_server', await api.call('PVS_server', 'introduce', addresses, first, last, site));
    },
  },
  {
    name: 'pvs-server-forget',
    required: ['uuid'],
    optional: [],
    description: 'Makes the pool forget a PVS server.',
    run: onUuid('PVS_server', 'forget'),
  },
  {
    name: 'pvs-proxy-create',
    required: ['pvs-site-uuid', 'vif-uuid'],
    optional: [],
    description: 'Puts a proxy between a card of a VM and a PVS site, and prints its uuid.',
    async run(context) {
      const site = refOf(context, 'PVS_site', 'pvs-site-uuid');
      const vif = refOf(context, 'VIF', 'vif-uuid');
      printUuid(context, 'PVS_proxy', await context.api.call('PVS_proxy', 'create', site, vif));
    },
  },
  {
    name: 'pvs-proxy-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Takes a proxy away again.',
    run: onUuid('PVS_proxy', 'destroy'),
  },
];
