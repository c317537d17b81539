import type { ClassTable } from '../row.js';

/** Fields of `sm`. */
export const sm: ClassTable<'SM'> = {
  name: 'sm',
  of: 'SM',
  shown: ['uuid', 'name-label', 'name-description', 'type', 'vendor', 'copyright', 'configuration'],
  rows: [
    { name: 'uuid' },
    { name: 'name-label' },
    { name: 'name-description' },
    { name: 'type' },
    { name: 'vendor' },
    { name: 'copyright' },
    { name: 'required-api-version' },
    { name: 'capabilities', plain: true, deprecated: true },
    { name: 'features' },
    { name: 'configuration', plain: true },
    { name: 'driver-filename' },
    { name: 'required-cluster-stack', plain: true, commas: true },
    { name: 'supported-image-formats', plain: true },
  ],
};

/** Fields of `pbd`. */
export const pbd: ClassTable<'PBD'> = {
  name: 'pbd',
  of: 'PBD',
  shown: ['uuid', 'host-uuid', 'sr-uuid', 'device-config', 'currently-attached'],
  rows: [
    { name: 'uuid' },
    { name: 'host', deprecated: true },
    { name: 'host-uuid', from: 'host' },
    { name: 'host-name-label', from: 'host.name_label' },
    { name: 'sr-uuid', from: 'SR' },
    { name: 'sr-name-label', from: 'SR.name_label' },
    { name: 'device-config' },
    { name: 'currently-attached' },
    { name: 'other-config', add: true },
  ],
};
