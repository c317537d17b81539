import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import { type ClassBehaviour, type Handler, storedOnly } from '../behaviour.js';
import type { Call } from '../call.js';
import { target } from '../operations/operations.js';

/** USB devices that a VM can have. */
const MOST_DEVICES = 6;

/**
 * VUSB.create: a record that ties the VM to the host with the device, and counts as attached while the VM runs. Hosts have
 * no way yet to give a USB device to a domain, so that the guest sees none.
 */
const create: Handler<'VUSB', 'create'> = storedOnly(
  ({ api: { db } }: Call, VM: Ref<'VM'>, USB_group: Ref<'USB_group'>, other_config): Ref<'VUSB'> => {
    const vm = db.get('VM', VM);
    if (vm.VUSBs.length >= MOST_DEVICES) throw new ApiError('TOO_MANY_VUSBS', String(MOST_DEVICES));
    if (db.get('USB_group', USB_group).VUSBs.length) throw new ApiError('USB_GROUP_CONFLICT', USB_group);
    if (vm.ha_restart_priority === 'restart')
      throw new ApiError('OPERATION_NOT_ALLOWED', `VM ${VM} is to be restarted on any host, which may not have the device`);
    return db.create('VUSB', { VM, USB_group, other_config });
  },
);

/** VUSB.unplug: the record says so; see `create`. */
const unplug: Handler<'VUSB', 'unplug'> = storedOnly(({ api, task }: Call, self: Ref<'VUSB'>) =>
  api.operations.run(task, [target('VUSB', self, 'unplug')], () => api.db.set('VUSB', self, { currently_attached: false })),
);

const destroy: Handler<'VUSB', 'destroy'> = ({ api: { db } }, self) => {
  const { currently_attached, uuid, VM } = db.get('VUSB', self);
  if (currently_attached) {
    const owner = db.find('VM', VM)?.fields.uuid ?? VM;
    throw new ApiError('OPERATION_NOT_ALLOWED', `VUSB '${uuid}' still attached to '${owner}'`);
  }
  db.destroy('VUSB', self);
};

/** USB devices of VMs. */
export const VUSB: ClassBehaviour<'VUSB'> = { messages: { create, unplug, destroy } };
