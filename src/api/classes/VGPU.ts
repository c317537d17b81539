import type { Database } from '../../db/database.js';
import { ApiError } from '../../model/error.js';
import { isNullRef, NULL_REF, type Ref } from '../../model/ref.js';
import { type ClassBehaviour, type Handler, storedOnly } from '../behaviour.js';
import type { Call } from '../call.js';
import { passthroughType } from '../gpu/capacity.js';

/** Places for virtual GPUs on the bus of a guest. The first one means: whichever is free. */
const LAST_DEVICE = 20;
const ANY_DEVICE = 0;

function chooseDevice(db: Database, vm: Ref<'VM'>, text: string): string {
  const taken = new Set(db.get('VM', vm).VGPUs.map((vgpu) => Number(db.get('VGPU', vgpu).device)));
  if (!/^\d{1,4}$/.test(text)) throw new ApiError('INVALID_DEVICE', text);
  const device = Number(text);
  if (device !== ANY_DEVICE) {
    if (taken.has(device)) throw new ApiError('DEVICE_ALREADY_EXISTS', text);
    if (device > LAST_DEVICE) throw new ApiError('INVALID_DEVICE', text);
    return text;
  }
  for (let free = 0; free <= LAST_DEVICE; free++) if (!taken.has(free)) return String(free);
  throw new ApiError('VM_PCI_BUS_FULL', vm);
}

/**
 * VGPU.create: a record that the choice of a host reckons with. Hosts have no way yet to give a card to a domain, so that
 * the guest sees none.
 */
const create: Handler<'VGPU', 'create'> = storedOnly(
  ({ api: { db } }: Call, VM, GPU_group, device, other_config, given): Ref<'VGPU'> => {
    const vm = db.get('VM', VM);
    if (!vm.is_a_snapshot && vm.power_state !== 'Halted')
      throw new ApiError('VM_BAD_POWER_STATE', VM, 'halted', vm.power_state.toLowerCase());
    if (!isNullRef(given) && !db.exists('VGPU_type', given)) throw new ApiError('INVALID_VALUE', 'type', given);
    return db.transaction(() => {
      const type = isNullRef(given) ? passthroughType(db) : given;
      for (const vgpu of vm.VGPUs) {
        const present = db.get('VGPU_type', db.get('VGPU', vgpu).type);
        if (!present.compatible_types_in_vm.includes(type)) throw new ApiError('VGPU_TYPE_NOT_COMPATIBLE', type);
      }
      return db.create('VGPU', {
        VM,
        GPU_group,
        type,
        device: chooseDevice(db, VM, device),
        other_config,
        resident_on: NULL_REF,
        scheduled_to_be_resident_on: NULL_REF,
      });
    });
  },
);

const destroy: Handler<'VGPU', 'destroy'> = ({ api: { db } }, self) => {
  const { VM } = db.get('VGPU', self);
  if (db.find('VM', VM)?.fields.power_state === 'Running')
    throw new ApiError('OPERATION_NOT_ALLOWED', 'vGPU currently attached to a running VM');
  db.destroy('VGPU', self);
};

/** Virtual GPUs of VMs. */
export const VGPU: ClassBehaviour<'VGPU'> = {
  messages: {
    create,
    destroy,
    atomic_set_resident_on: ({ api: { db } }, self, value) =>
      db.set('VGPU', self, { resident_on: value, scheduled_to_be_resident_on: NULL_REF }),
  },
};
