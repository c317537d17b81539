// Numbers that the protocol has for states of domains and the reasons for them.

/** libvirt's `virDomainState`. */
export const DomainState = {
  NOSTATE: 0,
  RUNNING: 1,
  BLOCKED: 2,
  PAUSED: 3,
  SHUTDOWN: 4,
  SHUTOFF: 5,
  CRASHED: 6,
  PMSUSPENDED: 7,
} as const;

/** libvirt's `virDomainNostateReason`. */
export const DomainNostateReason = { UNKNOWN: 0 } as const;

/** libvirt's `virDomainRunningReason`. */
export const DomainRunningReason = {
  UNKNOWN: 0,
  BOOTED: 1,
  MIGRATED: 2,
  RESTORED: 3,
  FROM_SNAPSHOT: 4,
  UNPAUSED: 5,
  MIGRATION_CANCELED: 6,
  SAVE_CANCELED: 7,
  WAKEUP: 8,
  CRASHED: 9,
  POSTCOPY: 10,
  POSTCOPY_FAILED: 11,
} as const;

/** libvirt's `virDomainBlockedReason`. */
export const DomainBlockedReason = { UNKNOWN: 0 } as const;

/** libvirt's `virDomainPausedReason`. */
export const DomainPausedReason = {
  UNKNOWN: 0,
  USER: 1,
  MIGRATION: 2,
  SAVE: 3,
  DUMP: 4,
  IOERROR: 5,
  WATCHDOG: 6,
  FROM_SNAPSHOT: 7,
  SHUTTING_DOWN: 8,
  SNAPSHOT: 9,
  CRASHED: 10,
  STARTING_UP: 11,
  POSTCOPY: 12,
  POSTCOPY_FAILED: 13,
} as const;

/** libvirt's `virDomainShutdownReason`. */
export const DomainShutdownReason = { UNKNOWN: 0, USER: 1 } as const;

/** libvirt's `virDomainShutoffReason`. */
export const DomainShutoffReason = {
  UNKNOWN: 0,
  SHUTDOWN: 1,
  DESTROYED: 2,
  CRASHED: 3,
  MIGRATED: 4,
  SAVED: 5,
  FAILED: 6,
  FROM_SNAPSHOT: 7,
  DAEMON: 8,
} as const;

/** libvirt's `virDomainCrashedReason`. */
export const DomainCrashedReason = { UNKNOWN: 0, PANICKED: 1 } as const;

/** libvirt's `virDomainPMSuspendedReason`. */
export const DomainPMSuspendedReason = { UNKNOWN: 0 } as const;

/** libvirt's `virDomainPMSuspendedDiskReason`. */
export const DomainPMSuspendedDiskReason = { UNKNOWN: 0 } as const;

/** libvirt's `virDomainControlState`. */
export const DomainControlState = { OK: 0, JOB: 1, OCCUPIED: 2, ERROR: 3 } as const;

/** libvirt's `virDomainControlErrorReason`. */
export const DomainControlErrorReason = { NONE: 0, UNKNOWN: 1, MONITOR: 2, INTERNAL: 3 } as const;

/** libvirt's `virVcpuState`. */
export const VcpuState = { OFFLINE: 0, RUNNING: 1, BLOCKED: 2 } as const;

/** libvirt's `virVcpuHostCpuState`. */
export const VcpuHostCpuState = { OFFLINE: -1, UNAVAILABLE: -2 } as const;

/** libvirt's `virDomainLifecycle`. */
export const DomainLifecycle = { POWEROFF: 0, REBOOT: 1, CRASH: 2 } as const;

/** libvirt's `virDomainLifecycleAction`. */
export const DomainLifecycleAction = {
  DESTROY: 0,
  RESTART: 1,
  RESTART_RENAME: 2,
  PRESERVE: 3,
  COREDUMP_DESTROY: 4,
  COREDUMP_RESTART: 5,
} as const;
