import { enums } from '../../../../schema/enums.js';
import type { Command, CommandContext } from '../../command.js';
import { onVms } from '../../selectors/vms.js';
import { loadFile } from '../../tasks/files.js';
import { parseBoolean, parseInteger, parseWord } from '../../values.js';
import { pluginArguments } from '../plugin-arguments.js';
import { refOf } from '../support.js';
import { eachVm } from './each-vm.js';

/** Seconds that preparing a guest may take unless the command line says otherwise. */
const SYSPREP_TIMEOUT = 180;

/** Settings of VMs that are more than a field, and what reaches into guests. */
export const settingsCommands: readonly Command[] = [
  {
    name: 'vm-vcpu-hotplug',
    required: ['new-vcpus'],
    optional: [],
    selectors: 'vm',
    description: 'Changes how many virtual CPUs running VMs have.',
    async run(context) {
      const count = parseInteger('new-vcpus', context.parameters.required('new-vcpus'));
      await onVms(context, ({ ref }) => context.api.call('VM', 'set_VCPUs_number_live', ref, count));
    },
  },
  {
    name: 'vm-restart-device-models',
    required: [],
    optional: [],
    selectors: 'vm',
    flags: ['standard'],
    description: 'Restarts the programs that emulate the devices of running VMs.',
    run: eachVm('restart_device_models'),
  },
  {
    name: 'vm-set-uefi-mode',
    required: ['uuid', 'mode'],
    optional: [],
    description: 'Brings the UEFI firmware of a VM into setup mode or user mode.',
    async run(context) {
      const vm = refOf(context, 'VM', 'uuid');
      const mode = parseWord(enums.vm_uefi_mode, context.parameters.required('mode'));
      context.printer.message(await context.api.call('VM', 'set_uefi_mode', vm, mode));
    },
  },
  {
    name: 'vm-get-secureboot-readiness',
    required: ['uuid'],
    optional: [],
    description: 'Prints whether a VM has what secure boot needs.',
    async run(context) {
      const vm = refOf(context, 'VM', 'uuid');
      context.printer.message(await context.api.call('VM', 'get_secureboot_readiness', vm));
    },
  },
  {
    name: 'vm-update-secureboot-certificates-on-boot',
    required: ['mark'],
    optional: [],
    selectors: 'vm',
    description: 'Says whether VMs get new certificates for secure boot at their next start.',
    async run(context) {
      const mark = parseBoolean('mark', context.parameters.required('mark'));
      await onVms(context, ({ ref }) => context.api.call('VM', 'update_secureboot_certificates_on_boot', ref, mark));
    },
  },
  {
    name: 'vm-sysprep',
    required: ['filename'],
    optional: ['timeout'],
    selectors: 'vm',
    description: 'Has Windows in running VMs prepare itself as an answer file of yours says, within timeout seconds.',
    run: prepare,
  },
  {
    name: 'vm-call-plugin',
    required: ['vm-uuid', 'plugin', 'fn'],
    optional: ['args:'],
    description:
      'Runs a function of a plug-in in the guest of a VM and prints what it answers. args:KEY=VALUE are its arguments.',
    run: (context) => callPlugin(context, 'call_plugin'),
  },
  {
    name: 'vm-call-host-plugin',
    required: ['vm-uuid', 'plugin', 'fn'],
    optional: ['args:'],
    description:
      'Runs a function of a plug-in on the host of a VM, on behalf of the VM, and prints what it answers. args:KEY=VALUE are its arguments.',
    run: (context) => callPlugin(context, 'call_host_plugin'),
  },
];

async function prepare(context: CommandContext): Promise<void> {
  const { api, parameters } = context;
  const answers = (await loadFile(context, parameters.required('filename'))).toString('utf8');
  const text = parameters.text('timeout', '').trim();
  const given = text === '' ? Number.NaN : Number(text);
  const timeout = Number.isFinite(given) ? Math.max(given, 0) : SYSPREP_TIMEOUT;
  await onVms(context, ({ ref }) => api.call('VM', 'sysprep', ref, answers, timeout));
}

async function callPlugin(context: CommandContext, message: 'call_plugin' | 'call_host_plugin'): Promise<void> {
  const { api, parameters, printer } = context;
  const vm = refOf(context, 'VM', 'vm-uuid');
  const args = await pluginArguments(context);
  printer.lines(await api.call('VM', message, vm, parameters.required('plugin'), parameters.required('fn'), args));
}
