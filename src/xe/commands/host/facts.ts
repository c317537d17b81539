import type { Command, CommandContext } from '../../command.js';
import { onHosts } from '../../selectors/hosts.js';
import { keysOf } from '../keys-of.js';
import { hostNamed } from '../sends.js';

/** Sets of CPU features: what guests may see, and what the hosts have. */
const CPU_FEATURES = ['features_pv', 'features_hvm', 'features_pv_host', 'features_hvm_host'];

/** What is in hosts, and what they say. */
export const hostFactCommands: readonly Command[] = [
  {
    name: 'host-cpu-info',
    required: [],
    optional: ['uuid'],
    description: 'Shows the processors of a host.',
    run(context) {
      context.printer.table([[...cpuInfo(context)]]);
    },
  },
  {
    name: 'host-get-cpu-features',
    required: [],
    optional: ['uuid'],
    description: 'Shows what the processors of a host can do.',
    run(context) {
      context.printer.table([keysOf(cpuInfo(context), CPU_FEATURES)]);
    },
  },
  {
    name: 'host-compute-free-memory',
    required: [],
    optional: [],
    selectors: 'host',
    description: 'Tells how many bytes of memory of a host are free.',
    async run(context) {
      const { api, printer } = context;
      await onHosts(context, async ({ ref }) => printer.message(String(await api.call('host', 'compute_free_memory', ref))));
    },
  },
  {
    name: 'host-compute-memory-overhead',
    required: [],
    optional: [],
    selectors: 'host',
    description: 'Tells how many bytes of memory virtualisation itself takes on a host.',
    async run(context) {
      const { api, printer } = context;
      await onHosts(context, async ({ ref }) => printer.message(String(await api.call('host', 'compute_memory_overhead', ref))));
    },
  },
  {
    name: 'host-dmesg',
    required: [],
    optional: [],
    selectors: 'host',
    description: 'Shows the messages of the hypervisor of a host.',
    async run(context) {
      const { api, printer } = context;
      await onHosts(context, async ({ ref }) => printer.lines(await api.call('host', 'dmesg', ref)));
    },
  },
];

function cpuInfo(context: CommandContext): ReadonlyMap<string, string> {
  return context.api.get('host', hostNamed(context, 'uuid'), 'cpu_info');
}
