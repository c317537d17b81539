// Numbers that the protocol has for calls that reach into the guest.

/** libvirt's `virDomainGetHostnameFlags`. */
export const DomainGetHostnameFlags = { LEASE: 0x1, AGENT: 0x2 } as const;

/** libvirt's `virKeycodeSet`. */
export const KeycodeSet = {
  LINUX: 0,
  XT: 1,
  ATSET1: 2,
  ATSET2: 3,
  ATSET3: 4,
  OSX: 5,
  XT_KBD: 6,
  USB: 7,
  WIN32: 8,
  QNUM: 9,
} as const;

/** libvirt's `virDomainProcessSignal`. */
export const DomainProcessSignal = {
  NOP: 0,
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  POLL: 29,
  PWR: 30,
  SYS: 31,
  RT0: 32,
  RT1: 33,
  RT2: 34,
  RT3: 35,
  RT4: 36,
  RT5: 37,
  RT6: 38,
  RT7: 39,
  RT8: 40,
  RT9: 41,
  RT10: 42,
  RT11: 43,
  RT12: 44,
  RT13: 45,
  RT14: 46,
  RT15: 47,
  RT16: 48,
  RT17: 49,
  RT18: 50,
  RT19: 51,
  RT20: 52,
  RT21: 53,
  RT22: 54,
  RT23: 55,
  RT24: 56,
  RT25: 57,
  RT26: 58,
  RT27: 59,
  RT28: 60,
  RT29: 61,
  RT30: 62,
  RT31: 63,
  RT32: 64,
} as const;

/** libvirt's `virDomainConsoleFlags`. */
export const DomainConsoleFlags = { FORCE: 0x1, SAFE: 0x2 } as const;

/** libvirt's `virDomainChannelFlags`. */
export const DomainChannelFlags = { FORCE: 0x1 } as const;

/** libvirt's `virDomainSetTimeFlags`. */
export const DomainSetTimeFlags = { SYNC: 0x1 } as const;

/** libvirt's `virDomainInterfaceAddressesSource`. */
export const DomainInterfaceAddressesSource = { LEASE: 0, AGENT: 1, ARP: 2 } as const;

/** libvirt's `virDomainSetUserPasswordFlags`. */
export const DomainSetUserPasswordFlags = { ENCRYPTED: 0x1 } as const;

/** libvirt's `virDomainGuestInfoTypes`. */
export const DomainGuestInfoTypes = {
  USERS: 0x1,
  OS: 0x2,
  TIMEZONE: 0x4,
  HOSTNAME: 0x8,
  FILESYSTEM: 0x10,
  DISKS: 0x20,
  INTERFACES: 0x40,
} as const;

/** libvirt's `virDomainAgentResponseTimeoutValues`. */
export const DomainAgentResponseTimeoutValues = { BLOCK: -2, DEFAULT: -1, NOWAIT: 0 } as const;

/** libvirt's `virDomainAuthorizedSSHKeysSetFlags`. */
export const DomainAuthorizedSSHKeysSetFlags = { APPEND: 0x1, REMOVE: 0x2 } as const;
