import { NULL_REF, type Ref } from '../../../model/ref.js';
import type { Api } from '../../api.js';
import { discard } from '../../classes/VM/lifecycle/stopping.js';
import { domainType } from '../../world/domain-records.js';
import type { ImportContext } from './context.js';

/** Name of the message about a VM that may not boot as it is, and how urgent it is. */
const MAY_NOT_BOOT = { name: 'IMPORTED_VM_MAY_NOT_BOOT', priority: 3 } as const;

/** Says what becomes of guests of Xen without full virtualisation. */
const PARAVIRTUAL =
  'It was paravirtualised for Xen. Here it boots as on a physical machine, from a boot loader in the first sector of its disk, or else the ' +
  'kernel that GRUB or extlinux would boot from ext2, ext3 or ext4 on it. In either case the kernel must know virtio devices.';

/** A VM that was made, and what the file says that its users have to know. */
export interface AdaptedVm {
  readonly vm: Ref<'VM'>;
  readonly caution: string | undefined;
}

/** Tells the users of VMs that were made for another way of virtualisation what they may have to do. */
export function tellOfChanges({ api }: ImportContext, vms: readonly AdaptedVm[]): void {
  // Emulated guests boot whatever they are given.
  if (!isOnLibvirt(api)) return;
  for (const { vm, caution } of vms) {
    const fields = api.db.get('VM', vm);
    const isParavirtual = !fields.is_a_template && domainType(fields) === 'pv';
    const text = caution ?? (isParavirtual ? PARAVIRTUAL : undefined);
    if (text === undefined) continue;
    const body = `VM '${fields.name_label}' may not start as it is. ${text}`;
    api.alerts.create({ ...MAY_NOT_BOOT, cls: 'VM', objUuid: fields.uuid, body });
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
