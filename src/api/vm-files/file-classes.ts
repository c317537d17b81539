/** Classes of the objects that a file of VMs may hold, in the order in which they stand there. */
export const FILE_CLASSES = [
  'host',
  'VM',
  'VM_metrics',
  'VM_guest_metrics',
  'VBD',
  'VIF',
  'network',
  'VDI',
  'SR',
  'VGPU_type',
  'VGPU',
  'GPU_group',
  'PVS_proxy',
  'PVS_site',
  'VTPM',
] as const;

/** A class of the objects that a file of VMs may hold. */
export type FileClass = (typeof FILE_CLASSES)[number];
