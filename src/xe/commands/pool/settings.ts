import type { Command } from '../../command.js';
import { parseInteger } from '../../values.js';
import { withLicenseServer } from '../host/license-server.js';
import { keysOf } from '../keys-of.js';
import { poolNamed, sends, sendsToPool } from '../sends.js';
import { poolOf, refOf } from '../support.js';

/** What can be said of the processors of all hosts together. */
const CPU_FEATURES = ['features_pv_host', 'features_hvm_host'];

/** What holds for the pool as a whole. */
export const poolSettingCommands: readonly Command[] = [
  {
    name: 'pool-apply-edition',
    required: ['edition'],
    optional: ['uuid', 'license-server-address', 'license-server-port'],
    description: 'Gives all hosts an edition, with licenses from their license server where that takes some.',
    async run(context) {
      const { api, parameters } = context;
      const pool = poolNamed(context);
      const edition = parameters.required('edition');
      await withLicenseServer(context, [...api.records('host').keys()], () => api.call('pool', 'apply_edition', pool, edition));
    },
  },
  {
    name: 'pool-get-cpu-features',
    required: [],
    optional: [],
    description: 'Shows what the processors of all hosts can do.',
    run(context) {
      context.printer.table([keysOf(context.api.get('pool', poolNamed(context), 'cpu_info'), CPU_FEATURES)]);
    },
  },
  {
    name: 'pool-get-guest-secureboot-readiness',
    required: [],
    optional: [],
    description: 'Tells whether VMs of the pool can boot with Secure Boot.',
    async run(context) {
      context.printer.message(await context.api.call('pool', 'get_guest_secureboot_readiness', poolNamed(context)));
    },
  },
  {
    name: 'pool-enable-local-storage-caching',
    required: ['uuid'],
    optional: [],
    description: 'Has all hosts keep copies of what VMs read from shared disks in their local SRs.',
    async run({ api }) {
      await api.call('pool', 'enable_local_storage_caching', poolOf(api));
    },
  },
  {
    name: 'pool-disable-local-storage-caching',
    required: ['uuid'],
    optional: [],
    description: 'Has no host keep copies of what VMs read from shared disks.',
    async run({ api }) {
      await api.call('pool', 'disable_local_storage_caching', poolOf(api));
    },
  },
  {
    name: 'pool-enable-redo-log',
    required: ['sr-uuid'],
    optional: [],
    description: 'Has the pool write every change of its database to an SR at once.',
    async run(context) {
      await context.api.call('pool', 'enable_redo_log', refOf(context, 'SR', 'sr-uuid'));
    },
  },
  {
    name: 'pool-disable-redo-log',
    required: [],
    optional: [],
    description: 'Has the pool write changes of its database to no SR.',
    run: sends('pool', 'disable_redo_log'),
  },
  {
    name: 'pool-enable-binary-storage',
    required: [],
    optional: [],
    flags: ['hidden'],
    description: 'Lets binary data be stored with objects.',
    run: sends('pool', 'enable_binary_storage'),
  },
  {
    name: 'pool-disable-binary-storage',
    required: [],
    optional: [],
    flags: ['hidden'],
    description: 'Deletes all binary data that is stored with objects, and lets none be stored any more.',
    run: sends('pool', 'disable_binary_storage'),
  },
  {
    name: 'pool-reset-telemetry-uuid',
    required: [],
    optional: [],
    description: 'Gives the pool a new name in the figures that it sends.',
    run: sendsToPool('reset_telemetry_uuid'),
  },
  {
    name: 'pool-send-test-post',
    required: ['dest-host', 'dest-port', 'body'],
    optional: [],
    description: 'Sends a request with a text to a port of some host, and shows the answer.',
    async run({ api, parameters, printer }) {
      const port = parseInteger('dest-port', parameters.required('dest-port'));
      printer.message(
        await api.call('pool', 'send_test_post', parameters.required('dest-host'), port, parameters.required('body')),
      );
    },
  },
];
