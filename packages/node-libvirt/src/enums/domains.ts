// Numbers that the protocol has for domains.

/** libvirt's `virDomainModificationImpact`. */
export const DomainModificationImpact = { CURRENT: 0x0, LIVE: 0x1, CONFIG: 0x2 } as const;

/** libvirt's `virDomainCreateFlags`. */
export const DomainCreateFlags = {
  NONE: 0x0,
  PAUSED: 0x1,
  AUTODESTROY: 0x2,
  BYPASS_CACHE: 0x4,
  FORCE_BOOT: 0x8,
  VALIDATE: 0x10,
  RESET_NVRAM: 0x20,
} as const;

/** libvirt's `virDomainMemoryStatTags`. */
export const DomainMemoryStatTags = {
  SWAP_IN: 0,
  SWAP_OUT: 1,
  MAJOR_FAULT: 2,
  MINOR_FAULT: 3,
  UNUSED: 4,
  AVAILABLE: 5,
  ACTUAL_BALLOON: 6,
  RSS: 7,
  USABLE: 8,
  LAST_UPDATE: 9,
  DISK_CACHES: 10,
  HUGETLB_PGALLOC: 11,
  HUGETLB_PGFAIL: 12,
} as const;

/** libvirt's `virDomainCoreDumpFlags`. */
export const DomainCoreDumpFlags = { CRASH: 0x1, LIVE: 0x2, BYPASS_CACHE: 0x4, RESET: 0x8, MEMORY_ONLY: 0x10 } as const;

/** libvirt's `virDomainCoreDumpFormat`. */
export const DomainCoreDumpFormat = { RAW: 0, KDUMP_ZLIB: 1, KDUMP_LZO: 2, KDUMP_SNAPPY: 3, WIN_DMP: 4 } as const;

/** libvirt's `virDomainShutdownFlagValues`. */
export const DomainShutdownFlags = {
  DEFAULT: 0x0,
  ACPI_POWER_BTN: 0x1,
  GUEST_AGENT: 0x2,
  INITCTL: 0x4,
  SIGNAL: 0x8,
  PARAVIRT: 0x10,
} as const;

/** libvirt's `virDomainRebootFlagValues`. */
export const DomainRebootFlags = {
  DEFAULT: 0x0,
  ACPI_POWER_BTN: 0x1,
  GUEST_AGENT: 0x2,
  INITCTL: 0x4,
  SIGNAL: 0x8,
  PARAVIRT: 0x10,
} as const;

/** libvirt's `virDomainDestroyFlagsValues`. */
export const DomainDestroyFlags = { DEFAULT: 0x0, GRACEFUL: 0x1, REMOVE_LOGS: 0x2 } as const;

/** libvirt's `virDomainSaveRestoreFlags`. */
export const DomainSaveRestoreFlags = { BYPASS_CACHE: 0x1, RUNNING: 0x2, PAUSED: 0x4, RESET_NVRAM: 0x8 } as const;

/** libvirt's `virDomainMemoryModFlags`. */
export const DomainMemoryModFlags = { CURRENT: 0x0, LIVE: 0x1, CONFIG: 0x2, MAXIMUM: 0x4 } as const;

/** libvirt's `virDomainNumatuneMemMode`. */
export const DomainNumatuneMemMode = { STRICT: 0, PREFERRED: 1, INTERLEAVE: 2, RESTRICTIVE: 3 } as const;

/** libvirt's `virDomainMetadataType`. */
export const DomainMetadataType = { DESCRIPTION: 0, TITLE: 1, ELEMENT: 2 } as const;

/** libvirt's `virDomainXMLFlags`. */
export const DomainXMLFlags = { SECURE: 0x1, INACTIVE: 0x2, UPDATE_CPU: 0x4, MIGRATABLE: 0x8 } as const;

/** libvirt's `virDomainSaveImageXMLFlags`. */
export const DomainSaveImageXMLFlags = { SECURE: 0x1 } as const;

/** libvirt's `virDomainMemoryFlags`. */
export const DomainMemoryFlags = { VIRTUAL: 0x1, PHYSICAL: 0x2 } as const;

/** libvirt's `virDomainDefineFlags`. */
export const DomainDefineFlags = { VALIDATE: 0x1 } as const;

/** libvirt's `virDomainUndefineFlagsValues`. */
export const DomainUndefineFlags = {
  MANAGED_SAVE: 0x1,
  SNAPSHOTS_METADATA: 0x2,
  NVRAM: 0x4,
  KEEP_NVRAM: 0x8,
  CHECKPOINTS_METADATA: 0x10,
  TPM: 0x20,
  KEEP_TPM: 0x40,
} as const;

/** libvirt's `virConnectListAllDomainsFlags`. */
export const ConnectListAllDomainsFlags = {
  ACTIVE: 0x1,
  INACTIVE: 0x2,
  PERSISTENT: 0x4,
  TRANSIENT: 0x8,
  RUNNING: 0x10,
  PAUSED: 0x20,
  SHUTOFF: 0x40,
  OTHER: 0x80,
  MANAGEDSAVE: 0x100,
  NO_MANAGEDSAVE: 0x200,
  AUTOSTART: 0x400,
  NO_AUTOSTART: 0x800,
  HAS_SNAPSHOT: 0x1000,
  NO_SNAPSHOT: 0x2000,
  HAS_CHECKPOINT: 0x4000,
  NO_CHECKPOINT: 0x8000,
} as const;

/** libvirt's `virDomainVcpuFlags`. */
export const DomainVcpuFlags = { CURRENT: 0x0, LIVE: 0x1, CONFIG: 0x2, MAXIMUM: 0x4, GUEST: 0x8, HOTPLUGGABLE: 0x10 } as const;

/** libvirt's `virDomainDeviceModifyFlags`. */
export const DomainDeviceModifyFlags = { CURRENT: 0x0, LIVE: 0x1, CONFIG: 0x2, FORCE: 0x4 } as const;

/** libvirt's `virDomainStatsTypes`. */
export const DomainStatsTypes = {
  STATE: 0x1,
  CPU_TOTAL: 0x2,
  BALLOON: 0x4,
  VCPU: 0x8,
  INTERFACE: 0x10,
  BLOCK: 0x20,
  PERF: 0x40,
  IOTHREAD: 0x80,
  MEMORY: 0x100,
  DIRTYRATE: 0x200,
  VM: 0x400,
} as const;

/** libvirt's `virConnectGetAllDomainStatsFlags`. */
export const ConnectGetAllDomainStatsFlags = {
  ACTIVE: 0x1,
  INACTIVE: 0x2,
  PERSISTENT: 0x4,
  TRANSIENT: 0x8,
  RUNNING: 0x10,
  PAUSED: 0x20,
  SHUTOFF: 0x40,
  OTHER: 0x80,
  NOWAIT: 0x20000000,
  BACKING: 0x40000000,
  ENFORCE_STATS: 0x80000000,
} as const;

/** libvirt's `virDomainBackupBeginFlags`. */
export const DomainBackupBeginFlags = { REUSE_EXTERNAL: 0x1 } as const;

/** libvirt's `virDomainMessageType`. */
export const DomainMessageType = { DEPRECATION: 0x1, TAINTING: 0x2 } as const;
