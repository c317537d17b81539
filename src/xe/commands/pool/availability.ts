import type { Ref } from '../../../model/ref.js';
import { asRef } from '../../../model/ref.js';
import type { ApiClient } from '../../api/api-client.js';
import type { Command, CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import type { TableRow } from '../../printer.js';
import { parseInteger } from '../../values.js';
import { sends } from '../sends.js';
import { vmName } from '../wlb.js';

/** High availability: VMs that start elsewhere when their host fails. */
export const poolAvailabilityCommands: readonly Command[] = [
  {
    name: 'pool-ha-enable',
    required: [],
    optional: ['heartbeat-sr-uuids', 'ha-config:'],
    description:
      'Turns high availability on. Hosts watch over each other through the SRs that are named, or through some that can be used.',
    async run({ api, parameters }) {
      const srs = parameters.commas('heartbeat-sr-uuids').map((uuid) => api.byUuid('SR', uuid));
      await api.call('pool', 'enable_ha', srs, parameters.map('ha-config'));
    },
  },
  {
    name: 'pool-ha-disable',
    required: [],
    optional: [],
    description: 'Turns high availability off.',
    run: sends('pool', 'disable_ha'),
  },
  {
    name: 'pool-ha-prevent-restarts-for',
    required: ['seconds'],
    optional: [],
    flags: ['hidden'],
    description: 'Has high availability start no VM for some seconds.',
    async run({ api, parameters }) {
      await api.call('pool', 'ha_prevent_restarts_for', parseInteger('seconds', parameters.required('seconds')));
    },
  },
  {
    name: 'pool-ha-compute-max-host-failures-to-tolerate',
    required: [],
    optional: [],
    description: 'Tells how many hosts may fail before a protected VM cannot start any more.',
    async run({ api, printer }) {
      printer.lines(String(await api.call('pool', 'ha_compute_max_host_failures_to_tolerate')));
    },
  },
  {
    name: 'pool-ha-compute-hypothetical-max-host-failures-to-tolerate',
    required: [],
    optional: ['vm-uuid', 'restart-priority'],
    description: 'Tells how many hosts could fail if VMs were protected as said: pairs of vm-uuid and restart-priority.',
    async run(context) {
      const most = await context.api.call(
        'pool',
        'ha_compute_hypothetical_max_host_failures_to_tolerate',
        proposedProtection(context),
      );
      context.printer.lines(String(most));
    },
  },
  {
    name: 'pool-ha-compute-vm-failover-plan',
    required: ['host-uuids'],
    optional: [],
    flags: ['hidden'],
    description: 'Tells where the VMs of some hosts would start if those failed.',
    async run({ api, parameters, printer }) {
      const hosts = parameters.commas('host-uuids').map((uuid) => api.byUuid('host', uuid));
      const vms = hosts
        .flatMap((host) => api.get('host', host, 'resident_VMs'))
        .filter((vm) => !api.get('VM', vm, 'is_control_domain'));
      const plan = await api.call('pool', 'ha_compute_vm_failover_plan', hosts, vms);
      printer.table([[...plan].map(([vm, fate]): TableRow => [vmName(api, vm), fateText(api, fate)])]);
    },
  },
];

/** Each VM with the priority that stands at the same place among the priorities. Throws CommandFailure when one has no partner. */
function proposedProtection({ api, parameters }: CommandContext): Map<Ref<'VM'>, string> {
  const uuids = parameters.all('vm-uuid');
  const priorities = parameters.all('restart-priority');
  if (uuids.length !== priorities.length)
    throw new CommandFailure('Every vm-uuid needs a restart-priority, and the other way round');
  return new Map(priorities.map((priority, i) => [api.byUuid('VM', uuids[i] ?? ''), priority]));
}

/** The host that a VM would start on, or why it would not. */
function fateText(api: ApiClient, fate: ReadonlyMap<string, string>): string {
  const host = fate.get('host');
  if (host === undefined) return fate.get('error_code') ?? '';
  const { uuid, name_label: name } = api.record('host', asRef<'host'>(host)).fields;
  return `${uuid} (${name})`;
}
