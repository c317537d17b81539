// Numbers that the protocol has for secrets.

/** libvirt's `virSecretUsageType`. */
export const SecretUsageType = { NONE: 0, VOLUME: 1, CEPH: 2, ISCSI: 3, TLS: 4, VTPM: 5 } as const;

/** libvirt's `virConnectListAllSecretsFlags`. */
export const ConnectListAllSecretsFlags = { EPHEMERAL: 0x1, NO_EPHEMERAL: 0x2, PRIVATE: 0x4, NO_PRIVATE: 0x8 } as const;

/** libvirt's `virSecretDefineFlags`. */
export const SecretDefineFlags = { VALIDATE: 0x1 } as const;

/** libvirt's `virSecretEventID`. */
export const SecretEventId = { LIFECYCLE: 0, VALUE_CHANGED: 1 } as const;

/** libvirt's `virSecretEventLifecycleType`. */
export const SecretEventLifecycleType = { DEFINED: 0, UNDEFINED: 1 } as const;
