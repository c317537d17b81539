import { ApiError } from '../../../model/error.js';
import { isNullRef, type Ref } from '../../../model/ref.js';
import type { ApiClient } from '../../api/api-client.js';
import type { Command, CommandContext } from '../../command.js';
import { onVms } from '../../selectors/vms.js';
import { confirm } from '../confirm.js';

/** Key in VBD.other_config of disks that go with their VM. */
const OWNER_KEY = 'owner';

/** The end of VMs with their disks. */
export const uninstallCommands: readonly Command[] = [
  {
    name: 'vm-uninstall',
    required: [],
    optional: ['force'],
    selectors: 'vm',
    flags: ['standard'],
    description: 'Removes VMs with their snapshots and the disks that are theirs alone. Asks before, unless force=true.',
    async run(context) {
      const vms = await onVms(context, ({ ref }) => ref);
      await uninstall(context, [...vms, ...vms.flatMap((vm) => context.api.get('VM', vm, 'snapshots'))]);
    },
  },
];

/** Something that is about to go, in the order in which it does. */
interface Doomed {
  readonly text: string;
  destroy(): Promise<void>;
}

/**
 * Lists VMs with the disks that belong to them, asks unless the command line forces it, and removes them all.
 * Throws CommandExit(0) when the user does not agree.
 */
export async function uninstall(context: CommandContext, vms: readonly Ref<'VM'>[]): Promise<void> {
  const { api, client, parameters } = context;
  const doomed = vms.flatMap((vm) => [vmToDestroy(api, vm), ...disksOf(api, vm).map((vdi) => diskToDestroy(api, vdi))]);
  client.print('These objects will be destroyed:');
  for (const { text } of doomed) client.print(text);
  if (!parameters.boolean('force')) await confirm(context);
  for (const { destroy } of doomed) await destroy();
  client.print('All objects destroyed');
}

function vmToDestroy(api: ApiClient, vm: Ref<'VM'>): Doomed {
  const { uuid, name_label } = api.record('VM', vm).fields;
  return {
    text: `VM : ${uuid} (${name_label})`,
    destroy: async () => {
      if (api.get('VM', vm, 'power_state') !== 'Halted') await api.call('VM', 'hard_shutdown', vm);
      await api.destroy('VM', vm);
    },
  };
}

function diskToDestroy(api: ApiClient, vdi: Ref<'VDI'>): Doomed {
  const { uuid, name_label, VBDs } = api.record('VDI', vdi).fields;
  return {
    text: `VDI: ${uuid} (${name_label})${VBDs.length > 1 ? ' ** WARNING: other VMs use this disk too' : ''}`,
    // The memory of a suspended VM has gone with the VM, and a disk that two of them share with the first.
    destroy: async () => {
      if (exists(api, vdi)) await api.destroy('VDI', vdi);
    },
  };
}

/** Disks that go with a VM: those that are marked as its own, and its memory when it is suspended. */
function disksOf(api: ApiClient, vm: Ref<'VM'>): Ref<'VDI'>[] {
  const { VBDs, suspend_VDI } = api.record('VM', vm).fields;
  const owned = VBDs.flatMap((vbd) => {
    const { other_config, VDI } = api.record('VBD', vbd).fields;
    return other_config.has(OWNER_KEY) ? [VDI] : [];
  });
  return [...owned, suspend_VDI].filter((vdi) => exists(api, vdi));
}

function exists(api: ApiClient, vdi: Ref<'VDI'>): boolean {
  if (isNullRef(vdi)) return false;
  try {
    api.uuid('VDI', vdi);
    return true;
  } catch (thrown) {
    if (thrown instanceof ApiError) return false;
    throw thrown;
  }
}
