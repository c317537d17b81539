import {
  isActive,
  isSelected,
  priority,
  variantStatuses,
  variantsWithHardware,
  variantUuids,
  variantVersions,
} from '../readers/host-drivers.js';
import type { ClassTable } from '../row.js';

/** Fields of `hostdriver-variant`. */
export const hostdriverVariant: ClassTable<'Driver_variant'> = {
  name: 'hostdriver-variant',
  of: 'Driver_variant',
  shown: [
    'uuid',
    'name',
    'version',
    'status',
    'priority',
    'active',
    'selected',
    'driver-uuid',
    'driver-name',
    'host-uuid',
    'hw-present',
  ],
  rows: [
    { name: 'uuid' },
    { name: 'name' },
    { name: 'version' },
    { name: 'status' },
    { name: 'priority', read: priority },
    { name: 'active', read: isActive },
    { name: 'selected', read: isSelected },
    { name: 'driver-uuid', from: 'driver' },
    { name: 'driver-name', from: 'driver.name' },
    { name: 'host-uuid', from: 'driver.host' },
    { name: 'hw-present', from: 'hardware_present' },
  ],
};

/** Fields of `hostdriver`. */
export const hostdriver: ClassTable<'Host_driver'> = {
  name: 'hostdriver',
  of: 'Host_driver',
  shown: ['uuid', 'name', 'host-uuid', 'active-variant', 'selected-variant', 'variants', 'variants-uuid'],
  rows: [
    { name: 'uuid' },
    { name: 'name' },
    { name: 'type' },
    { name: 'description' },
    { name: 'info' },
    { name: 'host-uuid', from: 'host' },
    { name: 'active-variant', from: 'active_variant.name', missing: '<none>' },
    { name: 'selected-variant', from: 'selected_variant.name', missing: '<none>' },
    { name: 'variants', read: variantVersions },
    { name: 'variants-dev-status', read: variantStatuses },
    { name: 'variants-uuid', read: variantUuids },
    { name: 'variants-hw-present', read: variantsWithHardware },
  ],
};
