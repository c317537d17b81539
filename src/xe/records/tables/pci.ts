import type { ClassTable } from '../row.js';

/** Fields of `pci`. */
export const pci: ClassTable<'PCI'> = {
  name: 'pci',
  of: 'PCI',
  shown: ['uuid', 'vendor-name', 'device-name', 'pci-id'],
  rows: [
    { name: 'uuid' },
    { name: 'vendor-name' },
    { name: 'device-name' },
    { name: 'driver-name' },
    { name: 'host-uuid', from: 'host' },
    { name: 'host-name-label', from: 'host.name_label' },
    { name: 'pci-id' },
    { name: 'dependencies', from: 'dependencies.pci_id' },
    { name: 'other-config', add: true },
  ],
};
