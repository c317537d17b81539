// Numbers that the protocol has for snapshots and checkpoints.

/** libvirt's `virDomainSnapshotCreateFlags`. */
export const DomainSnapshotCreateFlags = {
  REDEFINE: 0x1,
  CURRENT: 0x2,
  NO_METADATA: 0x4,
  HALT: 0x8,
  DISK_ONLY: 0x10,
  REUSE_EXT: 0x20,
  QUIESCE: 0x40,
  ATOMIC: 0x80,
  LIVE: 0x100,
  VALIDATE: 0x200,
} as const;

/** libvirt's `virDomainSnapshotXMLFlags`. */
export const DomainSnapshotXMLFlags = { SECURE: 0x1 } as const;

/** libvirt's `virDomainSnapshotListFlags`. */
export const DomainSnapshotListFlags = {
  ROOTS: 0x1,
  DESCENDANTS: 0x1,
  LEAVES: 0x4,
  NO_LEAVES: 0x8,
  METADATA: 0x2,
  NO_METADATA: 0x10,
  INACTIVE: 0x20,
  ACTIVE: 0x40,
  DISK_ONLY: 0x80,
  INTERNAL: 0x100,
  EXTERNAL: 0x200,
  TOPOLOGICAL: 0x400,
} as const;

/** libvirt's `virDomainSnapshotRevertFlags`. */
export const DomainSnapshotRevertFlags = { RUNNING: 0x1, PAUSED: 0x2, FORCE: 0x4, RESET_NVRAM: 0x8 } as const;

/** libvirt's `virDomainSnapshotDeleteFlags`. */
export const DomainSnapshotDeleteFlags = { CHILDREN: 0x1, METADATA_ONLY: 0x2, CHILDREN_ONLY: 0x4 } as const;

/** libvirt's `virDomainCheckpointCreateFlags`. */
export const DomainCheckpointCreateFlags = { REDEFINE: 0x1, QUIESCE: 0x2, REDEFINE_VALIDATE: 0x4 } as const;

/** libvirt's `virDomainCheckpointXMLFlags`. */
export const DomainCheckpointXMLFlags = { SECURE: 0x1, NO_DOMAIN: 0x2, SIZE: 0x4 } as const;

/** libvirt's `virDomainCheckpointListFlags`. */
export const DomainCheckpointListFlags = { ROOTS: 0x1, DESCENDANTS: 0x1, TOPOLOGICAL: 0x2, LEAVES: 0x4, NO_LEAVES: 0x8 } as const;

/** libvirt's `virDomainCheckpointDeleteFlags`. */
export const DomainCheckpointDeleteFlags = { CHILDREN: 0x1, METADATA_ONLY: 0x2, CHILDREN_ONLY: 0x4 } as const;
