// Numbers that the protocol has for storage pools and volumes.

/** libvirt's `virStoragePoolState`. */
export const StoragePoolState = { INACTIVE: 0, BUILDING: 1, RUNNING: 2, DEGRADED: 3, INACCESSIBLE: 4 } as const;

/** libvirt's `virStoragePoolBuildFlags`. */
export const StoragePoolBuildFlags = { NEW: 0x0, REPAIR: 0x1, RESIZE: 0x2, NO_OVERWRITE: 0x4, OVERWRITE: 0x8 } as const;

/** libvirt's `virStoragePoolDeleteFlags`. */
export const StoragePoolDeleteFlags = { NORMAL: 0x0, ZEROED: 0x1 } as const;

/** libvirt's `virStoragePoolCreateFlags`. */
export const StoragePoolCreateFlags = {
  NORMAL: 0x0,
  WITH_BUILD: 0x1,
  WITH_BUILD_OVERWRITE: 0x2,
  WITH_BUILD_NO_OVERWRITE: 0x4,
} as const;

/** libvirt's `virStorageVolType`. */
export const StorageVolType = { FILE: 0, BLOCK: 1, DIR: 2, NETWORK: 3, NETDIR: 4, PLOOP: 5 } as const;

/** libvirt's `virStorageVolDeleteFlags`. */
export const StorageVolDeleteFlags = { NORMAL: 0x0, ZEROED: 0x1, WITH_SNAPSHOTS: 0x2 } as const;

/** libvirt's `virStorageVolWipeAlgorithm`. */
export const StorageVolWipeAlgorithm = {
  ZERO: 0,
  NNSA: 1,
  DOD: 2,
  BSI: 3,
  GUTMANN: 4,
  SCHNEIER: 5,
  PFITZNER7: 6,
  PFITZNER33: 7,
  RANDOM: 8,
  TRIM: 9,
} as const;

/** libvirt's `virStorageVolInfoFlags`. */
export const StorageVolInfoFlags = { USE_ALLOCATION: 0x0, GET_PHYSICAL: 0x1 } as const;

/** libvirt's `virStorageXMLFlags`. */
export const StorageXMLFlags = { INACTIVE: 0x1 } as const;

/** libvirt's `virConnectListAllStoragePoolsFlags`. */
export const ListAllStoragePoolsFlags = {
  INACTIVE: 0x1,
  ACTIVE: 0x2,
  PERSISTENT: 0x4,
  TRANSIENT: 0x8,
  AUTOSTART: 0x10,
  NO_AUTOSTART: 0x20,
  DIR: 0x40,
  FS: 0x80,
  NETFS: 0x100,
  LOGICAL: 0x200,
  DISK: 0x400,
  ISCSI: 0x800,
  SCSI: 0x1000,
  MPATH: 0x2000,
  RBD: 0x4000,
  SHEEPDOG: 0x8000,
  GLUSTER: 0x10000,
  ZFS: 0x20000,
  VSTORAGE: 0x40000,
  ISCSI_DIRECT: 0x80000,
} as const;

/** libvirt's `virStoragePoolDefineFlags`. */
export const StoragePoolDefineFlags = { VALIDATE: 0x1 } as const;

/** libvirt's `virStorageVolCreateFlags`. */
export const StorageVolCreateFlags = { PREALLOC_METADATA: 0x1, REFLINK: 0x2, VALIDATE: 0x4 } as const;

/** libvirt's `virStorageVolDownloadFlags`. */
export const StorageVolDownloadFlags = { SPARSE_STREAM: 0x1 } as const;

/** libvirt's `virStorageVolUploadFlags`. */
export const StorageVolUploadFlags = { SPARSE_STREAM: 0x1 } as const;

/** libvirt's `virStorageVolResizeFlags`. */
export const StorageVolResizeFlags = { ALLOCATE: 0x1, DELTA: 0x2, SHRINK: 0x4 } as const;

/** libvirt's `virStoragePoolEventID`. */
export const StoragePoolEventId = { LIFECYCLE: 0, REFRESH: 1 } as const;

/** libvirt's `virStoragePoolEventLifecycleType`. */
export const StoragePoolEventLifecycleType = {
  DEFINED: 0,
  UNDEFINED: 1,
  STARTED: 2,
  STOPPED: 3,
  CREATED: 4,
  DELETED: 5,
} as const;
