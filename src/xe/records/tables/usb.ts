import type { ClassTable } from '../row.js';

/** Fields of `pusb`. */
export const pusb: ClassTable<'PUSB'> = {
  name: 'pusb',
  of: 'PUSB',
  shown: ['uuid', 'path', 'vendor-id', 'vendor-desc', 'product-id', 'product-desc', 'serial', 'version', 'description', 'speed'],
  rows: [
    { name: 'uuid' },
    { name: 'usb-group-uuid', from: 'USB_group' },
    { name: 'host-uuid', from: 'host' },
    { name: 'host-name-label', from: 'host.name_label' },
    { name: 'path' },
    { name: 'vendor-id' },
    { name: 'vendor-desc' },
    { name: 'product-id' },
    { name: 'product-desc' },
    { name: 'serial' },
    { name: 'version' },
    { name: 'description' },
    { name: 'speed' },
    { name: 'passthrough-enabled', set: true },
  ],
};

/** Fields of `usb-group`. */
export const usbGroup: ClassTable<'USB_group'> = {
  name: 'usb-group',
  of: 'USB_group',
  shown: ['uuid', 'name-label', 'name-description'],
  rows: [
    { name: 'uuid' },
    { name: 'name-label', set: true },
    { name: 'name-description', set: true },
    { name: 'VUSB-uuids', from: 'VUSBs' },
    { name: 'PUSB-uuids', from: 'PUSBs' },
    { name: 'other-config', add: true },
  ],
};

/** Fields of `vusb`. */
export const vusb: ClassTable<'VUSB'> = {
  name: 'vusb',
  of: 'VUSB',
  shown: ['uuid', 'vm-uuid', 'usb-group-uuid'],
  rows: [
    { name: 'uuid' },
    { name: 'vm-uuid', from: 'VM' },
    { name: 'vm-name-label', from: 'VM.name_label' },
    { name: 'usb-group-uuid', from: 'USB_group' },
    { name: 'usb-group-name-label', from: 'USB_group.name_label' },
    { name: 'other-config', add: true },
    { name: 'currently-attached' },
    { name: 'allowed-operations' },
    { name: 'current-operations' },
  ],
};
