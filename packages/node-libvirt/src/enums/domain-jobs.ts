// Numbers that the protocol has for jobs: block jobs, migration.

/** libvirt's `virDomainMigrateFlags`. */
export const DomainMigrateFlags = {
  LIVE: 0x1,
  PEER2PEER: 0x2,
  TUNNELLED: 0x4,
  PERSIST_DEST: 0x8,
  UNDEFINE_SOURCE: 0x10,
  PAUSED: 0x20,
  NON_SHARED_DISK: 0x40,
  NON_SHARED_INC: 0x80,
  CHANGE_PROTECTION: 0x100,
  UNSAFE: 0x200,
  OFFLINE: 0x400,
  COMPRESSED: 0x800,
  ABORT_ON_ERROR: 0x1000,
  AUTO_CONVERGE: 0x2000,
  RDMA_PIN_ALL: 0x4000,
  POSTCOPY: 0x8000,
  TLS: 0x10000,
  PARALLEL: 0x20000,
  NON_SHARED_SYNCHRONOUS_WRITES: 0x40000,
  POSTCOPY_RESUME: 0x80000,
  ZEROCOPY: 0x100000,
} as const;

/** libvirt's `virDomainMigrateMaxSpeedFlags`. */
export const DomainMigrateMaxSpeedFlags = { POSTCOPY: 0x1 } as const;

/** libvirt's `virDomainBlockResizeFlags`. */
export const DomainBlockResizeFlags = { BYTES: 0x1 } as const;

/** libvirt's `virDomainBlockJobType`. */
export const DomainBlockJobType = { UNKNOWN: 0, PULL: 1, COPY: 2, COMMIT: 3, ACTIVE_COMMIT: 4, BACKUP: 5 } as const;

/** libvirt's `virDomainBlockJobAbortFlags`. */
export const DomainBlockJobAbortFlags = { ASYNC: 0x1, PIVOT: 0x2 } as const;

/** libvirt's `virDomainBlockJobInfoFlags`. */
export const DomainBlockJobInfoFlags = { BANDWIDTH_BYTES: 0x1 } as const;

/** libvirt's `virDomainBlockJobSetSpeedFlags`. */
export const DomainBlockJobSetSpeedFlags = { BANDWIDTH_BYTES: 0x1 } as const;

/** libvirt's `virDomainBlockPullFlags`. */
export const DomainBlockPullFlags = { BANDWIDTH_BYTES: 0x40 } as const;

/** libvirt's `virDomainBlockRebaseFlags`. */
export const DomainBlockRebaseFlags = {
  SHALLOW: 0x1,
  REUSE_EXT: 0x2,
  COPY_RAW: 0x4,
  COPY: 0x8,
  RELATIVE: 0x10,
  COPY_DEV: 0x20,
  BANDWIDTH_BYTES: 0x40,
} as const;

/** libvirt's `virDomainBlockCopyFlags`. */
export const DomainBlockCopyFlags = { SHALLOW: 0x1, REUSE_EXT: 0x2, TRANSIENT_JOB: 0x4, SYNCHRONOUS_WRITES: 0x8 } as const;

/** libvirt's `virDomainBlockCommitFlags`. */
export const DomainBlockCommitFlags = { SHALLOW: 0x1, DELETE: 0x2, ACTIVE: 0x4, RELATIVE: 0x8, BANDWIDTH_BYTES: 0x10 } as const;

/** libvirt's `virDomainDiskErrorCode`. */
export const DomainDiskErrorCode = { NONE: 0, UNSPEC: 1, NO_SPACE: 2 } as const;

/** libvirt's `virDomainJobType`. */
export const DomainJobType = { NONE: 0, BOUNDED: 1, UNBOUNDED: 2, COMPLETED: 3, FAILED: 4, CANCELLED: 5 } as const;

/** libvirt's `virDomainGetJobStatsFlags`. */
export const DomainGetJobStatsFlags = { COMPLETED: 0x1, KEEP_COMPLETED: 0x2 } as const;

/** libvirt's `virDomainAbortJobFlagsValues`. */
export const DomainAbortJobFlags = { POSTCOPY: 0x1 } as const;

/** libvirt's `virDomainJobOperation`. */
export const DomainJobOperation = {
  UNKNOWN: 0,
  START: 1,
  SAVE: 2,
  RESTORE: 3,
  MIGRATION_IN: 4,
  MIGRATION_OUT: 5,
  SNAPSHOT: 6,
  SNAPSHOT_REVERT: 7,
  DUMP: 8,
  BACKUP: 9,
  SNAPSHOT_DELETE: 10,
} as const;

/** libvirt's `virDomainDirtyRateStatus`. */
export const DomainDirtyRateStatus = { UNSTARTED: 0, MEASURING: 1, MEASURED: 2 } as const;

/** libvirt's `virDomainDirtyRateCalcFlags`. */
export const DomainDirtyRateCalcFlags = { PAGE_SAMPLING: 0x0, DIRTY_BITMAP: 0x1, DIRTY_RING: 0x2 } as const;
