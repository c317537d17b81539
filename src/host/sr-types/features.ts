const READS = ['SR_PROBE', 'SR_UPDATE', 'VDI_ATTACH', 'VDI_DETACH'];

/** Features of kinds of SR that only show what is there. */
export const MEDIA_FEATURES: readonly string[] = [...READS, 'VDI_UPDATE'];

/** Features of kinds of SR whose disks take their whole size at once. */
export const THICK_FEATURES: readonly string[] = [
  ...READS,
  'VDI_CREATE',
  'VDI_DELETE',
  'VDI_UPDATE',
  'VDI_GENERATE_CONFIG',
  'VDI_INTRODUCE',
  'VDI_RESIZE',
  'VDI_RESIZE_ONLINE',
  'VDI_SNAPSHOT',
  'VDI_CLONE',
  'VDI_REVERT',
  'VDI_MIRROR',
  'VDI_RESET_ON_BOOT',
  'VDI_CONFIG_CBT',
  'LARGE_VDI',
];

/** Features of kinds of SR whose disks take space as they are written. */
export const THIN_FEATURES: readonly string[] = [...THICK_FEATURES, 'THIN_PROVISIONING'];
