import { NULL_REF, type Ref } from '../../../model/ref.js';
import type { Api } from '../../api.js';
import { discard } from '../../classes/VM/lifecycle/stopping.js';
import { domainType } from '../../world/domain-records.js';
import type { ImportContext } from './context.js';

/** Name of the message about a VM that may not boot as it is, and how urgent it is. */
const MAY_NOT_BOOT = { name: 'IMPORTED_VM_MAY_NOT_BOOT', priority: 3 } as const;

/** Tells the users of VMs that were made for another way of virtualisation what they may have to do. */
export function tellOfChanges({ api }: ImportContext, vms: readonly Ref<'VM'>[]): void {
  // Emulated guests boot whatever they are given.
  if (!isOnLibvirt(api)) return;
  for (const vm of vms) {
    const fields = api.db.get('VM', vm);
    if (fields.is_a_template || domainType(fields) !== 'pv') continue;
    api.alerts.create({
      ...MAY_NOT_BOOT,
      cls: 'VM',
      objUuid: fields.uuid,
      body:
        `VM '${fields.name_label}' was paravirtualised for Xen. Here it boots from its disk as on a physical machine: the disk needs ` +
        'a boot loader in its first sector, and a kernel that knows virtio devices.',
    });
  }
}

/** How memory begins that the original has saved. */
const XEN_MEMORY = Buffer.from('XenSavedDom', 'latin1');

/** Name of the message about a VM that was suspended and is not any more, and how urgent it is. */
const TURNED_OFF = { name: 'IMPORTED_VM_TURNED_OFF', priority: 3 } as const;

/**
 * Whether nothing here can go on with a memory image that begins like this: it was saved under Xen, or it is that of another machine.
 * libvirt takes memory back for the very machine only, with its uuid and its network addresses.
 */
export function isForeignMemory({ api, options }: ImportContext, beginning: Buffer): boolean {
  const ofXen = beginning.subarray(0, XEN_MEMORY.length).equals(XEN_MEMORY);
  return ofXen || (!options.restore && isOnLibvirt(api));
}

/** Turns off the suspended VMs whose memory cannot be used, as a loss of power would, and destroys that. */
export async function dropForeignMemory(context: ImportContext, images: ReadonlySet<Ref<'VDI'>>): Promise<void> {
  const { db, alerts } = context.api;
  for (const image of images) {
    for (const [vm, fields] of db.filter('VM', ({ suspend_VDI }) => suspend_VDI === image)) {
      db.transaction(() => {
        for (const vbd of fields.VBDs) db.set('VBD', vbd, { currently_attached: false, device: '' });
        for (const vif of fields.VIFs) db.set('VIF', vif, { currently_attached: false });
        db.set('VM', vm, { power_state: 'Halted', suspend_VDI: NULL_REF });
        const body =
          `VM '${fields.name_label}' was suspended when it was exported. Its memory is of another machine, so that it is off now ` +
          'and boots from its disk.';
        alerts.create({ ...TURNED_OFF, cls: 'VM', objUuid: fields.uuid, body });
      });
    }
    await discard(context, image);
  }
}

function isOnLibvirt({ hosts }: Api): boolean {
  return [...hosts.entries()].some(([, host]) => host.compute.keepsDefinitions);
}
