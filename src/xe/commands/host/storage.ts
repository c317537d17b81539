import type { Command } from '../../command.js';
import { onHosts } from '../../selectors/hosts.js';
import { parseSize } from '../../values.js';
import { sendsToHosts } from '../sends.js';
import { refOf } from '../support.js';
import { hostOfUuid } from './host-of-uuid.js';

/** What hosts do with storage. */
export const hostStorageCommands: readonly Command[] = [
  {
    name: 'host-enable-local-storage-caching',
    required: ['sr-uuid'],
    optional: [],
    selectors: 'host',
    description: 'Has a host keep copies of what its VMs read from shared disks in a local SR.',
    async run(context) {
      const sr = refOf(context, 'SR', 'sr-uuid');
      await onHosts(context, ({ ref }) => context.api.call('host', 'enable_local_storage_caching', ref, sr));
    },
  },
  {
    name: 'host-disable-local-storage-caching',
    required: [],
    optional: [],
    selectors: 'host',
    description: 'Has a host keep no copies of what its VMs read from shared disks.',
    run: sendsToHosts('disable_local_storage_caching'),
  },
  {
    name: 'host-sm-dp-destroy',
    required: ['uuid', 'dp'],
    optional: ['allow-leak'],
    description: 'Has the storage of a host give up a path to a disk that nobody has closed.',
    async run(context) {
      const { api, parameters } = context;
      const allowLeak = parameters.boolean('allow-leak');
      await api.call('host', 'sm_dp_destroy', hostOfUuid(context), parameters.required('dp'), allowLeak);
    },
  },
  {
    name: 'lvhd-enable-thin-provisioning',
    required: ['sr-uuid', 'initial-allocation', 'allocation-quantum'],
    optional: [],
    selectors: 'host',
    description: 'Has an SR of volumes give disks their space when they fill: so much at first, and so much at a time.',
    async run(context) {
      const { api, parameters } = context;
      const initial = parseSize('initial-allocation', parameters.required('initial-allocation'));
      const quantum = parseSize('allocation-quantum', parameters.required('allocation-quantum'));
      await onHosts(context, ({ ref }) =>
        api.call('LVHD', 'enable_thin_provisioning', ref, refOf(context, 'SR', 'sr-uuid'), initial, quantum),
      );
    },
  },
];
