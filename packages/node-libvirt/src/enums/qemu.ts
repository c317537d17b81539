// Numbers that the protocol has for calls past libvirt to QEMU.

/** libvirt's `virDomainQemuMonitorCommandFlags`. */
export const DomainQemuMonitorCommandFlags = { DEFAULT: 0x0, HMP: 0x1 } as const;

/** libvirt's `virDomainQemuAgentCommandTimeoutValues`. */
export const DomainQemuAgentCommandTimeoutValues = { MIN: -2, BLOCK: -2, DEFAULT: -1, NOWAIT: 0, SHUTDOWN: 60 } as const;

/** libvirt's `virConnectDomainQemuMonitorEventRegisterFlags`. */
export const ConnectDomainQemuMonitorEventRegisterFlags = { REGEX: 0x1, NOCASE: 0x2 } as const;
