import type { Command, CommandContext } from '../../command.js';
import { onVms } from '../../selectors/vms.js';
import { parseFloatText, parseSize } from '../../values.js';
import { eachVm } from './each-vm.js';

/** Memory of VMs. Sizes are bytes, or have a suffix such as MiB. */
export const memoryCommands: readonly Command[] = [
  {
    name: 'vm-memory-set',
    required: ['memory'],
    optional: [],
    selectors: 'vm',
    description: 'Gives VMs this much memory, fixed: all four limits get the same value, save the lowest.',
    async run(context) {
      const memory = size(context, 'memory');
      await onVms(context, ({ ref }) => context.api.call('VM', 'set_memory', ref, memory));
    },
  },
  {
    name: 'vm-memory-limits-set',
    required: ['static-min', 'static-max', 'dynamic-min', 'dynamic-max'],
    optional: [],
    selectors: 'vm',
    description: 'Sets all four limits of the memory of VMs.',
    async run(context) {
      const [staticMin, staticMax] = [size(context, 'static-min'), size(context, 'static-max')];
      const [dynamicMin, dynamicMax] = [size(context, 'dynamic-min'), size(context, 'dynamic-max')];
      await onVms(context, ({ ref }) =>
        context.api.call('VM', 'set_memory_limits', ref, staticMin, staticMax, dynamicMin, dynamicMax),
      );
    },
  },
  {
    name: 'vm-memory-static-range-set',
    required: ['min', 'max'],
    optional: [],
    selectors: 'vm',
    description: 'Sets the limits of the memory of VMs that hold for a whole run of the guest.',
    async run(context) {
      const [min, max] = [size(context, 'min'), size(context, 'max')];
      await onVms(context, ({ ref }) => context.api.call('VM', 'set_memory_static_range', ref, min, max));
    },
  },
  {
    name: 'vm-memory-dynamic-range-set',
    required: ['min', 'max'],
    optional: [],
    selectors: 'vm',
    description: 'Sets between what sizes the memory of VMs may go up and down, also while they run.',
    async run(context) {
      const [min, max] = [size(context, 'min'), size(context, 'max')];
      await onVms(context, ({ ref }) => context.api.call('VM', 'set_memory_dynamic_range', ref, min, max));
    },
  },
  {
    name: 'vm-memory-target-set',
    required: ['target'],
    optional: [],
    selectors: 'vm',
    description: 'Brings the memory of VMs to a size: both dynamic limits get the same value.',
    run: setTarget,
  },
  {
    name: 'vm-memory-balloon',
    required: ['target'],
    optional: [],
    selectors: 'vm',
    flags: ['hidden', 'deprecated'],
    description: 'Brings the memory of VMs to a size. vm-memory-dynamic-range-set took the place of this.',
    run: setTarget,
  },
  {
    name: 'vm-memory-target-wait',
    required: [],
    optional: [],
    selectors: 'vm',
    flags: ['hidden'],
    description: 'Waits until the memory of running VMs has the size that it is to have.',
    run: eachVm('wait_memory_target_live'),
  },
  {
    name: 'vm-memory-shadow-multiplier-set',
    required: ['multiplier'],
    optional: [],
    selectors: 'vm',
    description: 'Sets by how much more shadow memory VMs have than usual, also while they run.',
    async run(context) {
      const multiplier = parseFloatText('multiplier', context.parameters.required('multiplier'));
      await onVms(context, ({ ref }) => context.api.call('VM', 'set_shadow_multiplier_live', ref, multiplier));
    },
  },
  {
    name: 'vm-compute-maximum-memory',
    required: ['total'],
    optional: ['approximate'],
    selectors: 'vm',
    flags: ['standard'],
    description: 'Prints how much memory a VM can have so that it needs no more than total with what is spent on running it.',
    async run(context) {
      const total = size(context, 'total');
      const approximate = context.parameters.boolean('approximate');
      const most = await onVms(context, ({ ref }) => context.api.call('VM', 'maximise_memory', ref, total, approximate));
      context.printer.lines(...most.map(String));
    },
  },
  {
    name: 'vm-compute-memory-overhead',
    required: [],
    optional: [],
    selectors: 'vm',
    description: 'Prints how much memory running a VM takes besides its own.',
    async run(context) {
      const overheads = await onVms(context, ({ ref }) => context.api.call('VM', 'compute_memory_overhead', ref));
      for (const overhead of overheads) context.printer.message(String(overhead));
    },
  },
];

async function setTarget(context: CommandContext): Promise<void> {
  const target = size(context, 'target');
  await onVms(context, ({ ref }) => context.api.call('VM', 'set_memory_dynamic_range', ref, target, target));
}

function size({ parameters }: CommandContext, name: string): number {
  return parseSize(name, parameters.required(name));
}
