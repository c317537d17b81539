import type { Database } from '../../db/database.js';
import { ApiError } from '../../model/error.js';
import { NULL_REF, type Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';

/**
 * Throws VM_REQUIRES_GPU or VM_REQUIRES_VGPU when the host has no graphics card with room for each of the VM's virtual
 * GPUs, VM_REQUIRES_IOMMU when a whole card would have to be passed through and the host cannot.
 */
export function assertGpusAvailable(db: Database, vm: Ref<'VM'>, host: Ref<'host'>): void {
  chooseGpus(db, vm, host);
}

/** The card of a host for each virtual GPU of a VM. Throws as `assertGpusAvailable`. */
function chooseGpus(db: Database, vm: Ref<'VM'>, host: Ref<'host'>): Map<Ref<'VGPU'>, Ref<'PGPU'>> {
  const chosen = new Map<Ref<'VGPU'>, Ref<'PGPU'>>();
  const taken = new Map<Ref<'PGPU'>, Ref<'VGPU_type'>[]>();
  for (const ref of db.get('VM', vm).VGPUs) {
    const vgpu = db.get('VGPU', ref);
    if (db.exists('PGPU', vgpu.scheduled_to_be_resident_on)) continue;
    const type = db.find('VGPU_type', vgpu.type)?.fields;
    if (type?.implementation === 'passthrough' && db.get('host', host).chipset_info.get('iommu') !== 'true')
      throw new ApiError('VM_REQUIRES_IOMMU', host);
    const cards = (db.find('GPU_group', vgpu.GPU_group)?.fields.PGPUs ?? []).filter(
      (card) => db.find('PGPU', card)?.fields.host === host,
    );
    if (!cards.length) throw new ApiError('VM_REQUIRES_GPU', vm, vgpu.GPU_group);
    const card = cards.find((candidate) => hasRoom(db, db.get('PGPU', candidate), vgpu.type, taken.get(candidate) ?? []));
    if (card === undefined) throw new ApiError('VM_REQUIRES_VGPU', vm, vgpu.GPU_group, vgpu.type);
    taken.set(card, [...(taken.get(card) ?? []), vgpu.type]);
    chosen.set(ref, card);
  }
  return chosen;
}

/** Gives a VM that was started on a host its virtual GPUs and USB devices there, as far as the records go. */
export function attachSpecialDevices(db: Database, vm: Ref<'VM'>, host: Ref<'host'>): void {
  db.transaction(() => {
    for (const [vgpu, card] of chooseGpus(db, vm, host))
      db.set('VGPU', vgpu, { currently_attached: true, resident_on: card, scheduled_to_be_resident_on: NULL_REF });
    for (const vusb of db.get('VM', vm).VUSBs) db.set('VUSB', vusb, { currently_attached: true });
  });
}

/** A card serves virtual GPUs of one type at a time, as many as its capacity for the type says. */
function hasRoom(db: Database, card: Fields<'PGPU'>, type: Ref<'VGPU_type'>, others: readonly Ref<'VGPU_type'>[]): boolean {
  const present = [...card.resident_VGPUs.map((vgpu) => db.get('VGPU', vgpu).type), ...others];
  const capacity = card.supported_VGPU_max_capacities.get(type) ?? 0;
  return card.enabled_VGPU_types.includes(type) && present.every((other) => other === type) && present.length < capacity;
}

/** Throws OPERATION_NOT_ALLOWED when a USB device of the VM is not plugged into the host. */
export function assertUsbsAvailable(db: Database, vm: Ref<'VM'>, host: Ref<'host'>): void {
  for (const ref of db.get('VM', vm).VUSBs) {
    const [device] = db.find('USB_group', db.get('VUSB', ref).USB_group)?.fields.PUSBs ?? [];
    if (device === undefined || db.find('PUSB', device)?.fields.host !== host)
      throw new ApiError('OPERATION_NOT_ALLOWED', `VUSB ${ref} is not available on Host ${host}`);
  }
}
