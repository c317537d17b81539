import type { Ref } from '../../../model/ref.js';
import type { ApiClient } from '../../api/api-client.js';
import type { Command } from '../../command.js';
import { confirm } from '../confirm.js';
import { refOf } from '../support.js';
import { RESTART_DELAY } from './restart-delay.js';

/** The way out of a pool. */
export const poolEjectCommands: readonly Command[] = [
  {
    name: 'pool-eject',
    required: ['host-uuid'],
    optional: [],
    description: 'Takes a host out of the pool and makes it new, local disks included. Asks first, unless --force is given.',
    async run(context) {
      const { api, client, parameters, printer } = context;
      const host = refOf(context, 'host', 'host-uuid');
      if (!parameters.boolean('force')) {
        client.print('WARNING: the host starts anew as a pool of its own, and everything on its local storage is lost.');
        const lost = localDisks(api, host);
        if (lost.length > 0) client.print('These disks will be destroyed:');
        for (const vdi of lost) client.print(diskName(api, vdi));
        await confirm(context);
      }
      await api.call('pool', 'eject', host);
      printer.lines(`The host will start anew in ${RESTART_DELAY} seconds, as a pool of its own.`);
    },
  },
];

/** Disks in SRs that no other host has. */
function localDisks(api: ApiClient, host: Ref<'host'>): Ref<'VDI'>[] {
  return api.get('host', host, 'PBDs').flatMap((pbd) => {
    const { PBDs, VDIs } = api.record('SR', api.get('PBD', pbd, 'SR')).fields;
    return PBDs.every((other) => api.get('PBD', other, 'host') === host) ? VDIs : [];
  });
}

function diskName(api: ApiClient, vdi: Ref<'VDI'>): string {
  const { uuid, name_label: name } = api.record('VDI', vdi).fields;
  return `VDI: ${uuid} (${name})`;
}
