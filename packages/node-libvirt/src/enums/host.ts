// Numbers that the protocol has for connections and the host.

/** libvirt's `virTypedParameterFlags`. */
export const TypedParameterFlags = { STRING_OKAY: 0x4 } as const;

/** libvirt's `virNodeSuspendTarget`. */
export const NodeSuspendTarget = { MEM: 0, DISK: 1, HYBRID: 2 } as const;

/** libvirt's `virNodeGetCPUStatsAllCPUs`. */
export const NodeGetCPUStatsAllCPUs = { ALL_CPUS: -1 } as const;

/** libvirt's `virNodeGetMemoryStatsAllCells`. */
export const NodeGetMemoryStatsAllCells = { ALL_CELLS: -1 } as const;

/** libvirt's `virConnectFlags`. */
export const ConnectFlags = { RO: 0x1, NO_ALIASES: 0x2 } as const;

/** libvirt's `virCPUCompareResult`. */
export const CPUCompareResult = { ERROR: -1, INCOMPATIBLE: 0, IDENTICAL: 1, SUPERSET: 2 } as const;

/** libvirt's `virConnectCompareCPUFlags`. */
export const ConnectCompareCPUFlags = { FAIL_INCOMPATIBLE: 0x1, VALIDATE_XML: 0x2 } as const;

/** libvirt's `virConnectBaselineCPUFlags`. */
export const ConnectBaselineCPUFlags = { EXPAND_FEATURES: 0x1, MIGRATABLE: 0x2 } as const;

/** libvirt's `virNodeAllocPagesFlags`. */
export const NodeAllocPagesFlags = { ADD: 0x0, SET: 0x1 } as const;
