import type { Command } from '../../command.js';
import { loadFile } from '../../tasks/files.js';
import { hostNamed } from '../sends.js';
import { refOf, sessionHost } from '../support.js';
import { withLicenseServer } from './license-server.js';

/** Says the same as the edition of the host, in words that may change. */
const HIDDEN_KEY = 'sku_type';

/** Editions and licenses of hosts. */
export const hostLicenseCommands: readonly Command[] = [
  {
    name: 'host-all-editions',
    required: [],
    optional: [],
    description: 'Lists the editions that hosts can have.',
    run({ api, printer }) {
      printer.lines(...api.get('host', sessionHost(api), 'editions'));
    },
  },
  {
    name: 'host-apply-edition',
    required: ['edition'],
    optional: ['host-uuid', 'license-server-address', 'license-server-port'],
    description: 'Gives a host an edition, with a license from its license server where that takes one.',
    async run(context) {
      const { api, parameters } = context;
      const host = hostNamed(context, 'host-uuid');
      const [edition, force] = [parameters.required('edition'), parameters.boolean('force')];
      await withLicenseServer(context, [host], () => api.call('host', 'apply_edition', host, edition, force));
    },
  },
  {
    name: 'host-license-add',
    required: ['license-file'],
    optional: ['host-uuid'],
    description: 'Gives a host a license from a file.',
    async run(context) {
      const { api, client, parameters } = context;
      const host = hostNamed(context, 'host-uuid');
      const license = await loadFile(context, parameters.required('license-file'));
      await api.call('host', 'license_add', host, license.toString('base64'));
      client.print('License applied.');
    },
  },
  {
    name: 'host-license-remove',
    required: [],
    optional: ['host-uuid'],
    description: 'Takes the license away from a host.',
    async run(context) {
      await context.api.call('host', 'license_remove', hostNamed(context, 'host-uuid'));
    },
  },
  {
    name: 'host-license-view',
    required: [],
    optional: ['host-uuid'],
    description: 'Shows the license of a host.',
    run(context) {
      const license = context.api.get('host', hostNamed(context, 'host-uuid'), 'license_params');
      context.printer.table([[...license].filter(([key]) => key !== HIDDEN_KEY)]);
    },
  },
  {
    name: 'host-refresh-pack-info',
    required: ['host-uuid'],
    optional: [],
    flags: ['hidden'],
    description: 'Looks anew for supplemental packs on a host.',
    async run(context) {
      await context.api.call('host', 'refresh_pack_info', refOf(context, 'host', 'host-uuid'));
    },
  },
];
