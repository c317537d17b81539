import type { Command, CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import type { Parameters } from '../../parameters.js';
import { onVms } from '../../selectors/vms.js';
import { hostNamed } from './host-named.js';
import { migrateStorage } from './migrate-storage.js';

/** Spellings of the parameter that names the host. */
const HOST = ['host', 'host-uuid', 'host-name'];

/** What says that the disks move too. */
const STORAGE = ['remote-', 'vif:', 'vdi:', 'vgpu:', 'image-format:'];

/** VMs to other hosts. */
export const migrateCommands: readonly Command[] = [
  {
    name: 'vm-migrate',
    required: [],
    optional: [
      'live',
      'host',
      'host-uuid',
      'remote-master',
      'remote-username',
      'remote-password',
      'remote-network',
      'force',
      'copy',
      'compress',
      'vif:',
      'vdi:',
      'image-format:',
    ],
    undeclared: ['host-name', 'vgpu:'],
    selectors: 'vm',
    flags: ['standard'],
    description:
      'Moves VMs to another host of the pool. With remote-master, remote-username and remote-password they move with their disks, to that pool: vdi:UUID=SR, vif:UUID=NETWORK and vgpu:UUID=GROUP say where what goes, copy=true leaves the VM here too.',
    run: migrate,
  },
];

async function migrate(context: CommandContext): Promise<void> {
  const { api, parameters } = context;
  const host = hostOf(parameters);
  const options = optionsOf(parameters);
  if (parameters.list.some(({ name }) => STORAGE.some((prefix) => name.startsWith(prefix))))
    return migrateStorage(context, host, options);
  if (host === undefined) throw new CommandFailure('Say where to: host=NAME or host=UUID');
  await onVms(context, ({ ref }) => api.call('VM', 'pool_migrate', ref, hostNamed(api, host), options));
}

/** The host that the command line names, whichever way comes first. */
function hostOf(parameters: Parameters): string | undefined {
  return parameters.list.find(({ name }) => HOST.includes(name))?.value;
}

function optionsOf(parameters: Parameters): Map<string, string> {
  const options = new Map(['force', 'live', 'copy'].map((name) => [name, String(parameters.boolean(name))]));
  if (parameters.has('compress')) options.set('compress', String(parameters.boolean('compress')));
  return options;
}
