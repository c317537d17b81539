import { ApiError } from '../../model/error.js';
import type { ClassBehaviour, Handler } from '../behaviour.js';

const destroy: Handler<'USB_group', 'destroy'> = ({ api: { db } }, self) => {
  const { VUSBs, PUSBs } = db.get('USB_group', self);
  const attached = VUSBs.filter((vusb) => db.get('VUSB', vusb).currently_attached);
  if (attached.length) throw new ApiError('USB_GROUP_CONTAINS_VUSB', ...attached);
  if (PUSBs.length) throw new ApiError('USB_GROUP_CONTAINS_PUSB', ...PUSBs);
  db.transaction(() => {
    for (const vusb of VUSBs) db.destroy('VUSB', vusb);
    db.destroy('USB_group', self);
  });
};

/** USB devices of one kind; as things are, one device each. */
export const USB_group: ClassBehaviour<'USB_group'> = {
  messages: {
    create: ({ api: { db } }, name_label, name_description, other_config) =>
      db.create('USB_group', { name_label, name_description, other_config }),
    destroy,
  },
};
