import { compatibilityMetadata, maxResolution } from '../readers/fields.js';
import type { ClassTable } from '../row.js';

/** Fields of `vgpu`. */
export const vgpu: ClassTable<'VGPU'> = {
  name: 'vgpu',
  of: 'VGPU',
  shown: ['uuid', 'vm-uuid', 'device', 'gpu-group-uuid'],
  rows: [
    { name: 'uuid' },
    { name: 'vm-uuid', from: 'VM' },
    { name: 'vm-name-label', from: 'VM.name_label' },
    { name: 'device' },
    { name: 'gpu-group-uuid', from: 'GPU_group' },
    { name: 'gpu-group-name-label', from: 'GPU_group.name_label' },
    { name: 'currently-attached' },
    { name: 'other-config', add: true },
    { name: 'type-uuid', from: 'type' },
    { name: 'type-model-name', from: 'type.model_name' },
    { name: 'resident-on' },
    { name: 'compatibility-metadata', read: compatibilityMetadata },
    { name: 'extra_args', set: true },
    { name: 'pci', from: 'PCI.pci_id' },
  ],
};

/** Fields of `vgpu-type`. */
export const vgpuType: ClassTable<'VGPU_type'> = {
  name: 'vgpu-type',
  of: 'VGPU_type',
  shown: ['uuid', 'vendor-name', 'model-name', 'max-heads', 'max-resolution'],
  rows: [
    { name: 'uuid' },
    { name: 'vendor-name' },
    { name: 'model-name' },
    { name: 'framebuffer-size' },
    { name: 'max-heads' },
    { name: 'max-resolution', read: maxResolution },
    { name: 'supported-on-PGPUs', plain: true },
    { name: 'enabled-on-PGPUs', plain: true },
    { name: 'supported-on-GPU-groups', plain: true },
    { name: 'enabled-on-GPU-groups', plain: true },
    { name: 'VGPU-uuids', from: 'VGPUs', plain: true },
    { name: 'experimental' },
    { name: 'compatible-types-in-vm', plain: true },
  ],
};
