import type { ClassTable } from '../row.js';

/** Fields of `pgpu`. */
export const pgpu: ClassTable<'PGPU'> = {
  name: 'pgpu',
  of: 'PGPU',
  shown: ['uuid', 'pci-uuid', 'vendor-name', 'device-name', 'gpu-group-uuid'],
  rows: [
    { name: 'uuid' },
    { name: 'pci-uuid', from: 'PCI' },
    { name: 'vendor-name', from: 'PCI.vendor_name' },
    { name: 'device-name', from: 'PCI.device_name' },
    { name: 'dom0-access' },
    { name: 'is-system-display-device' },
    { name: 'gpu-group-uuid', from: 'GPU_group', set: true },
    { name: 'gpu-group-name-label', from: 'GPU_group.name_label' },
    { name: 'host-uuid', from: 'host' },
    { name: 'host-name-label', from: 'host.name_label' },
    { name: 'pci-id', from: 'PCI.pci_id' },
    { name: 'dependencies', from: 'PCI.dependencies.pci_id', missing: '' },
    { name: 'other-config', add: true },
    { name: 'supported-VGPU-types', plain: true },
    { name: 'enabled-VGPU-types', set: true, add: true },
    { name: 'resident-VGPUs', plain: true },
  ],
};

/** Fields of `gpu-group`. */
export const gpuGroup: ClassTable<'GPU_group'> = {
  name: 'gpu-group',
  of: 'GPU_group',
  shown: ['uuid', 'name-label', 'name-description'],
  rows: [
    { name: 'uuid' },
    { name: 'name-label', set: true },
    { name: 'name-description', set: true },
    { name: 'VGPU-uuids', from: 'VGPUs' },
    { name: 'PGPU-uuids', from: 'PGPUs' },
    { name: 'other-config', add: true },
    { name: 'enabled-VGPU-types', plain: true },
    { name: 'supported-VGPU-types', plain: true },
    { name: 'allocation-algorithm', set: true },
  ],
};
