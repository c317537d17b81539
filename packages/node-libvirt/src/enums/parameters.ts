// Names of typed parameters and of statistics.

/** Names that DOMAIN_MIGRATE_PERFORM3_PARAMS knows. */
export const MigrateParameter = {
  AUTO_CONVERGE_INCREMENT: 'auto_converge.increment',
  AUTO_CONVERGE_INITIAL: 'auto_converge.initial',
  BANDWIDTH: 'bandwidth',
  BANDWIDTH_POSTCOPY: 'bandwidth.postcopy',
  COMPRESSION: 'compression',
  COMPRESSION_MT_DTHREADS: 'compression.mt.dthreads',
  COMPRESSION_MT_LEVEL: 'compression.mt.level',
  COMPRESSION_MT_THREADS: 'compression.mt.threads',
  COMPRESSION_XBZRLE_CACHE: 'compression.xbzrle.cache',
  DEST_NAME: 'destination_name',
  DEST_XML: 'destination_xml',
  DISKS_PORT: 'disks_port',
  DISKS_URI: 'disks_uri',
  GRAPHICS_URI: 'graphics_uri',
  LISTEN_ADDRESS: 'listen_address',
  MIGRATE_DISKS: 'migrate_disks',
  PARALLEL_CONNECTIONS: 'parallel.connections',
  PERSIST_XML: 'persistent_xml',
  TLS_DESTINATION: 'tls.destination',
  URI: 'migrate_uri',
} as const;

/** Names that DOMAIN_GET_JOB_STATS knows. */
export const JobParameter = {
  AUTO_CONVERGE_THROTTLE: 'auto_converge_throttle',
  COMPRESSION_BYTES: 'compression_bytes',
  COMPRESSION_CACHE: 'compression_cache',
  COMPRESSION_CACHE_MISSES: 'compression_cache_misses',
  COMPRESSION_OVERFLOW: 'compression_overflow',
  COMPRESSION_PAGES: 'compression_pages',
  DATA_PROCESSED: 'data_processed',
  DATA_REMAINING: 'data_remaining',
  DATA_TOTAL: 'data_total',
  DISK_BPS: 'disk_bps',
  DISK_PROCESSED: 'disk_processed',
  DISK_REMAINING: 'disk_remaining',
  DISK_TEMP_TOTAL: 'disk_temp_total',
  DISK_TEMP_USED: 'disk_temp_used',
  DISK_TOTAL: 'disk_total',
  DOWNTIME: 'downtime',
  DOWNTIME_NET: 'downtime_net',
  ERRMSG: 'errmsg',
  MEMORY_BPS: 'memory_bps',
  MEMORY_CONSTANT: 'memory_constant',
  MEMORY_DIRTY_RATE: 'memory_dirty_rate',
  MEMORY_ITERATION: 'memory_iteration',
  MEMORY_NORMAL: 'memory_normal',
  MEMORY_NORMAL_BYTES: 'memory_normal_bytes',
  MEMORY_PAGE_SIZE: 'memory_page_size',
  MEMORY_POSTCOPY_REQS: 'memory_postcopy_requests',
  MEMORY_PROCESSED: 'memory_processed',
  MEMORY_REMAINING: 'memory_remaining',
  MEMORY_TOTAL: 'memory_total',
  OPERATION: 'operation',
  SETUP_TIME: 'setup_time',
  SUCCESS: 'success',
  TIME_ELAPSED: 'time_elapsed',
  TIME_ELAPSED_NET: 'time_elapsed_net',
  TIME_REMAINING: 'time_remaining',
} as const;

/** Names that DOMAIN_SET_SCHEDULER_PARAMETERS_FLAGS knows. */
export const SchedulerParameter = {
  CAP: 'cap',
  CPU_SHARES: 'cpu_shares',
  EMULATOR_PERIOD: 'emulator_period',
  EMULATOR_QUOTA: 'emulator_quota',
  GLOBAL_PERIOD: 'global_period',
  GLOBAL_QUOTA: 'global_quota',
  IOTHREAD_PERIOD: 'iothread_period',
  IOTHREAD_QUOTA: 'iothread_quota',
  LIMIT: 'limit',
  RESERVATION: 'reservation',
  SHARES: 'shares',
  VCPU_PERIOD: 'vcpu_period',
  VCPU_QUOTA: 'vcpu_quota',
  WEIGHT: 'weight',
} as const;

/** Names that DOMAIN_SET_MEMORY_PARAMETERS knows. */
export const MemoryParameter = {
  HARD_LIMIT: 'hard_limit',
  MIN_GUARANTEE: 'min_guarantee',
  SOFT_LIMIT: 'soft_limit',
  SWAP_HARD_LIMIT: 'swap_hard_limit',
} as const;

/** Names that DOMAIN_SET_BLKIO_PARAMETERS knows. */
export const BlkioParameter = {
  DEVICE_READ_BPS: 'device_read_bytes_sec',
  DEVICE_READ_IOPS: 'device_read_iops_sec',
  DEVICE_WEIGHT: 'device_weight',
  DEVICE_WRITE_BPS: 'device_write_bytes_sec',
  DEVICE_WRITE_IOPS: 'device_write_iops_sec',
  WEIGHT: 'weight',
} as const;

/** Names that DOMAIN_SET_BLOCK_IO_TUNE knows. */
export const BlockIoTuneParameter = {
  GROUP_NAME: 'group_name',
  READ_BYTES_SEC: 'read_bytes_sec',
  READ_BYTES_SEC_MAX: 'read_bytes_sec_max',
  READ_BYTES_SEC_MAX_LENGTH: 'read_bytes_sec_max_length',
  READ_IOPS_SEC: 'read_iops_sec',
  READ_IOPS_SEC_MAX: 'read_iops_sec_max',
  READ_IOPS_SEC_MAX_LENGTH: 'read_iops_sec_max_length',
  SIZE_IOPS_SEC: 'size_iops_sec',
  TOTAL_BYTES_SEC: 'total_bytes_sec',
  TOTAL_BYTES_SEC_MAX: 'total_bytes_sec_max',
  TOTAL_BYTES_SEC_MAX_LENGTH: 'total_bytes_sec_max_length',
  TOTAL_IOPS_SEC: 'total_iops_sec',
  TOTAL_IOPS_SEC_MAX: 'total_iops_sec_max',
  TOTAL_IOPS_SEC_MAX_LENGTH: 'total_iops_sec_max_length',
  WRITE_BYTES_SEC: 'write_bytes_sec',
  WRITE_BYTES_SEC_MAX: 'write_bytes_sec_max',
  WRITE_BYTES_SEC_MAX_LENGTH: 'write_bytes_sec_max_length',
  WRITE_IOPS_SEC: 'write_iops_sec',
  WRITE_IOPS_SEC_MAX: 'write_iops_sec_max',
  WRITE_IOPS_SEC_MAX_LENGTH: 'write_iops_sec_max_length',
} as const;

/** Names that DOMAIN_BLOCK_COPY knows. */
export const BlockCopyParameter = {
  BANDWIDTH: 'bandwidth',
  BUF_SIZE: 'buf-size',
  GRANULARITY: 'granularity',
} as const;

/** Names that DOMAIN_BLOCK_STATS_FLAGS knows. */
export const BlockStatsParameter = {
  ERRS: 'errs',
  FLUSH_REQ: 'flush_operations',
  FLUSH_TOTAL_TIMES: 'flush_total_times',
  READ_BYTES: 'rd_bytes',
  READ_REQ: 'rd_operations',
  READ_TOTAL_TIMES: 'rd_total_times',
  WRITE_BYTES: 'wr_bytes',
  WRITE_REQ: 'wr_operations',
  WRITE_TOTAL_TIMES: 'wr_total_times',
} as const;

/** Names that DOMAIN_SET_INTERFACE_PARAMETERS knows. */
export const InterfaceParameter = {
  IN_AVERAGE: 'inbound.average',
  IN_BURST: 'inbound.burst',
  IN_FLOOR: 'inbound.floor',
  IN_PEAK: 'inbound.peak',
  OUT_AVERAGE: 'outbound.average',
  OUT_BURST: 'outbound.burst',
  OUT_PEAK: 'outbound.peak',
} as const;

/** Names that DOMAIN_SET_NUMA_PARAMETERS knows. */
export const NumaParameter = {
  MODE: 'numa_mode',
  NODESET: 'numa_nodeset',
} as const;

/** Names that DOMAIN_GET_CPU_STATS knows. */
export const CpuStatsParameter = {
  CPUTIME: 'cpu_time',
  SYSTEMTIME: 'system_time',
  USERTIME: 'user_time',
  VCPUTIME: 'vcpu_time',
} as const;

/** Names that DOMAIN_SET_IOTHREAD_PARAMS knows. */
export const IothreadParameter = {
  POLL_GROW: 'poll_grow',
  POLL_MAX_NS: 'poll_max_ns',
  POLL_SHRINK: 'poll_shrink',
  THREAD_POOL_MAX: 'thread_pool_max',
  THREAD_POOL_MIN: 'thread_pool_min',
} as const;

/** Names that DOMAIN_SAVE_PARAMS knows. */
export const SaveParameter = {
  DXML: 'dxml',
  FILE: 'file',
} as const;

/** Names that NETWORK_PORT_SET_PARAMETERS knows. */
export const NetworkPortParameter = {
  BANDWIDTH_IN_AVERAGE: 'inbound.average',
  BANDWIDTH_IN_BURST: 'inbound.burst',
  BANDWIDTH_IN_FLOOR: 'inbound.floor',
  BANDWIDTH_IN_PEAK: 'inbound.peak',
  BANDWIDTH_OUT_AVERAGE: 'outbound.average',
  BANDWIDTH_OUT_BURST: 'outbound.burst',
  BANDWIDTH_OUT_PEAK: 'outbound.peak',
} as const;

/** Names that NODE_GET_CPU_STATS knows. */
export const NodeCpuStatsField = {
  IDLE: 'idle',
  INTR: 'intr',
  IOWAIT: 'iowait',
  KERNEL: 'kernel',
  USER: 'user',
  UTILIZATION: 'utilization',
} as const;

/** Names that NODE_GET_MEMORY_STATS knows. */
export const NodeMemoryStatsField = {
  BUFFERS: 'buffers',
  CACHED: 'cached',
  FREE: 'free',
  TOTAL: 'total',
} as const;

/** Names that NODE_SET_MEMORY_PARAMETERS knows. */
export const NodeMemoryParameter = {
  FULL_SCANS: 'shm_full_scans',
  MERGE_ACROSS_NODES: 'shm_merge_across_nodes',
  PAGES_SHARED: 'shm_pages_shared',
  PAGES_SHARING: 'shm_pages_sharing',
  PAGES_TO_SCAN: 'shm_pages_to_scan',
  PAGES_UNSHARED: 'shm_pages_unshared',
  PAGES_VOLATILE: 'shm_pages_volatile',
  SLEEP_MILLISECS: 'shm_sleep_millisecs',
} as const;
