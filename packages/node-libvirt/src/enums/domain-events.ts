// Numbers that the protocol has for events of domains.

/** libvirt's `virDomainEventType`. */
export const DomainEventLifecycle = {
  DEFINED: 0,
  UNDEFINED: 1,
  STARTED: 2,
  SUSPENDED: 3,
  RESUMED: 4,
  STOPPED: 5,
  SHUTDOWN: 6,
  PMSUSPENDED: 7,
  CRASHED: 8,
} as const;

/** libvirt's `virDomainEventDefinedDetailType`. */
export const DomainEventDefinedDetailType = { ADDED: 0, UPDATED: 1, RENAMED: 2, FROM_SNAPSHOT: 3 } as const;

/** libvirt's `virDomainEventUndefinedDetailType`. */
export const DomainEventUndefinedDetailType = { REMOVED: 0, RENAMED: 1 } as const;

/** libvirt's `virDomainEventStartedDetailType`. */
export const DomainEventStartedDetailType = { BOOTED: 0, MIGRATED: 1, RESTORED: 2, FROM_SNAPSHOT: 3, WAKEUP: 4 } as const;

/** libvirt's `virDomainEventSuspendedDetailType`. */
export const DomainEventSuspendedDetailType = {
  PAUSED: 0,
  MIGRATED: 1,
  IOERROR: 2,
  WATCHDOG: 3,
  RESTORED: 4,
  FROM_SNAPSHOT: 5,
  API_ERROR: 6,
  POSTCOPY: 7,
  POSTCOPY_FAILED: 8,
} as const;

/** libvirt's `virDomainEventResumedDetailType`. */
export const DomainEventResumedDetailType = {
  UNPAUSED: 0,
  MIGRATED: 1,
  FROM_SNAPSHOT: 2,
  POSTCOPY: 3,
  POSTCOPY_FAILED: 4,
} as const;

/** libvirt's `virDomainEventStoppedDetailType`. */
export const DomainEventStoppedDetailType = {
  SHUTDOWN: 0,
  DESTROYED: 1,
  CRASHED: 2,
  MIGRATED: 3,
  SAVED: 4,
  FAILED: 5,
  FROM_SNAPSHOT: 6,
} as const;

/** libvirt's `virDomainEventShutdownDetailType`. */
export const DomainEventShutdownDetailType = { FINISHED: 0, GUEST: 1, HOST: 2 } as const;

/** libvirt's `virDomainEventPMSuspendedDetailType`. */
export const DomainEventPMSuspendedDetailType = { MEMORY: 0, DISK: 1 } as const;

/** libvirt's `virDomainEventCrashedDetailType`. */
export const DomainEventCrashedDetailType = { PANICKED: 0, CRASHLOADED: 1 } as const;

/** libvirt's `virDomainMemoryFailureRecipientType`. */
export const DomainMemoryFailureRecipientType = { HYPERVISOR: 0, GUEST: 1 } as const;

/** libvirt's `virDomainMemoryFailureActionType`. */
export const DomainMemoryFailureActionType = { IGNORE: 0, INJECT: 1, FATAL: 2, RESET: 3 } as const;

/** libvirt's `virDomainMemoryFailureFlags`. */
export const DomainMemoryFailureFlags = { ACTION_REQUIRED: 0x1, RECURSIVE: 0x2 } as const;

/** libvirt's `virDomainEventWatchdogAction`. */
export const DomainEventWatchdogAction = {
  NONE: 0,
  PAUSE: 1,
  RESET: 2,
  POWEROFF: 3,
  SHUTDOWN: 4,
  DEBUG: 5,
  INJECTNMI: 6,
} as const;

/** libvirt's `virDomainEventIOErrorAction`. */
export const DomainEventIOErrorAction = { NONE: 0, PAUSE: 1, REPORT: 2 } as const;

/** libvirt's `virDomainEventGraphicsPhase`. */
export const DomainEventGraphicsPhase = { CONNECT: 0, INITIALIZE: 1, DISCONNECT: 2 } as const;

/** libvirt's `virDomainEventGraphicsAddressType`. */
export const DomainEventGraphicsAddressType = { IPV4: 0, IPV6: 1, UNIX: 2 } as const;

/** libvirt's `virConnectDomainEventBlockJobStatus`. */
export const DomainEventBlockJobStatus = { COMPLETED: 0, FAILED: 1, CANCELED: 2, READY: 3 } as const;

/** libvirt's `virConnectDomainEventDiskChangeReason`. */
export const DomainEventDiskChangeReason = { CHANGE_MISSING_ON_START: 0, DROP_MISSING_ON_START: 1 } as const;

/** libvirt's `virDomainEventTrayChangeReason`. */
export const DomainEventTrayChangeReason = { OPEN: 0, CLOSE: 1 } as const;

/** libvirt's `virConnectDomainEventAgentLifecycleState`. */
export const DomainEventAgentLifecycleState = { CONNECTED: 1, DISCONNECTED: 2 } as const;

/** libvirt's `virConnectDomainEventAgentLifecycleReason`. */
export const DomainEventAgentLifecycleReason = { UNKNOWN: 0, DOMAIN_STARTED: 1, CHANNEL: 2 } as const;

/** libvirt's `virDomainEventID`. */
export const DomainEventId = {
  LIFECYCLE: 0,
  REBOOT: 1,
  RTC_CHANGE: 2,
  WATCHDOG: 3,
  IO_ERROR: 4,
  GRAPHICS: 5,
  IO_ERROR_REASON: 6,
  CONTROL_ERROR: 7,
  BLOCK_JOB: 8,
  DISK_CHANGE: 9,
  TRAY_CHANGE: 10,
  PMWAKEUP: 11,
  PMSUSPEND: 12,
  BALLOON_CHANGE: 13,
  PMSUSPEND_DISK: 14,
  DEVICE_REMOVED: 15,
  BLOCK_JOB_2: 16,
  TUNABLE: 17,
  AGENT_LIFECYCLE: 18,
  DEVICE_ADDED: 19,
  MIGRATION_ITERATION: 20,
  JOB_COMPLETED: 21,
  DEVICE_REMOVAL_FAILED: 22,
  METADATA_CHANGE: 23,
  BLOCK_THRESHOLD: 24,
  MEMORY_FAILURE: 25,
  MEMORY_DEVICE_SIZE_CHANGE: 26,
} as const;
