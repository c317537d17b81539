import type { Ref } from '../../../model/ref.js';
import type { Command, CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { onVms } from '../../selectors/vms.js';
import { runTask } from '../../tasks/run-task.js';
import { tellingHosts } from './boot-hosts.js';
import { eachVm } from './each-vm.js';
import { hostNamed } from './host-named.js';

/** Starting, stopping and halting VMs. */
export const powerCommands: readonly Command[] = [
  {
    name: 'vm-start',
    required: [],
    optional: ['force', 'on', 'paused'],
    undeclared: ['progress'],
    selectors: 'vm',
    flags: ['standard'],
    description:
      'Starts the chosen VMs: on a host with on=NAME, otherwise wherever there is room. paused=true leaves them paused, force=true starts them against some of the checks.',
    async run(context) {
      const [paused, force] = [context.parameters.boolean('paused'), context.parameters.boolean('force')];
      await onVms(context, ({ ref }) => start(context, ref, paused, force), { controlDomains: true });
    },
  },
  {
    name: 'vm-resume',
    required: [],
    optional: ['force', 'on'],
    undeclared: ['progress'],
    selectors: 'vm',
    flags: ['standard'],
    description: 'Lets suspended VMs go on: on a host with on=NAME, otherwise wherever there is room.',
    async run(context) {
      const force = context.parameters.boolean('force');
      await onVms(context, ({ ref }) => resume(context, ref, force));
    },
  },
  {
    name: 'vm-suspend',
    required: [],
    optional: [],
    undeclared: ['progress'],
    selectors: 'vm',
    flags: ['standard'],
    description: 'Suspends running VMs to disk.',
    async run(context) {
      await onVms(context, ({ ref }) => runTask(context, () => context.api.start('VM', 'suspend', ref)));
    },
  },
  {
    name: 'vm-shutdown',
    required: [],
    optional: ['force'],
    undeclared: ['progress'],
    selectors: 'vm',
    flags: ['standard'],
    description: 'Asks the guests of running VMs to shut down; with force=true takes their power away.',
    async run(context) {
      const message = context.parameters.boolean('force') ? 'hard_shutdown' : 'clean_shutdown';
      await onVms(context, ({ ref }) => runTask(context, () => context.api.start('VM', message, ref)));
    },
  },
  {
    name: 'vm-reboot',
    required: [],
    optional: ['force'],
    selectors: 'vm',
    flags: ['standard'],
    description: 'Asks the guests of running VMs to reboot; with force=true resets them.',
    async run(context) {
      const message = context.parameters.boolean('force') ? 'hard_reboot' : 'clean_reboot';
      await onVms(context, ({ ref }) => context.api.call('VM', message, ref));
    },
  },
  {
    name: 'vm-pause',
    required: [],
    optional: [],
    selectors: 'vm',
    flags: ['standard'],
    description: 'Halts running VMs where they are; they stay in memory.',
    run: eachVm('pause'),
  },
  {
    name: 'vm-unpause',
    required: [],
    optional: [],
    selectors: 'vm',
    flags: ['standard'],
    description: 'Lets paused VMs go on.',
    run: eachVm('unpause'),
  },
  {
    name: 'vm-reset-powerstate',
    required: [],
    optional: ['force'],
    selectors: 'vm',
    flags: ['standard'],
    description:
      'Has the pool take VMs for halted without looking, after the host that ran them is lost. A guest that still runs will have its disks damaged.',
    async run(context) {
      assertForced(context);
      await onVms(context, ({ ref }) => context.api.call('VM', 'power_state_reset', ref));
    },
  },
];

function start(context: CommandContext, vm: Ref<'VM'>, paused: boolean, force: boolean): Promise<string> {
  const { api, parameters } = context;
  const on = parameters.find('on');
  return tellingHosts(context, vm, () =>
    runTask(context, () =>
      on === undefined
        ? api.start('VM', 'start', vm, paused, force)
        : api.start('VM', 'start_on', vm, hostNamed(api, on), paused, force),
    ),
  );
}

function resume(context: CommandContext, vm: Ref<'VM'>, force: boolean): Promise<string> {
  const { api, parameters } = context;
  const on = parameters.find('on');
  return tellingHosts(context, vm, () =>
    runTask(context, () =>
      on === undefined
        ? api.start('VM', 'resume', vm, false, force)
        : api.start('VM', 'resume_on', vm, hostNamed(api, on), false, force),
    ),
  );
}

/** Throws CommandFailure unless the command line says that it is meant: data may be lost. */
export function assertForced({ parameters }: CommandContext): void {
  if (!parameters.boolean('force'))
    throw new CommandFailure('This can cost data, so it is only done with force=true (or --force)');
}
