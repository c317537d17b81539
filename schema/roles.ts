/** Which roles may do what: each message, setter and HTTP path names one of these sets. Sessions of the local superuser are not checked. */
export const roleSets = {
  LOCAL_ROOT_ONLY: [],
  POOL_ADMIN: ['pool-admin'],
  POOL_OP: ['pool-admin', 'pool-operator'],
  VM_POWER_ADMIN: ['pool-admin', 'pool-operator', 'vm-power-admin'],
  VM_ADMIN: ['pool-admin', 'pool-operator', 'vm-power-admin', 'vm-admin'],
  VM_OP: ['pool-admin', 'pool-operator', 'vm-power-admin', 'vm-admin', 'vm-operator'],
  READ_ONLY: ['pool-admin', 'pool-operator', 'vm-power-admin', 'vm-admin', 'vm-operator', 'client-cert', 'read-only'],
  'LOCAL_ROOT_ONLY+CLIENT_CERT': ['client-cert'],
  'POOL_ADMIN+CLIENT_CERT': ['pool-admin', 'client-cert'],
  'POOL_OP+CLIENT_CERT': ['pool-admin', 'pool-operator', 'client-cert'],
  'VM_POWER_ADMIN+CLIENT_CERT': ['pool-admin', 'pool-operator', 'vm-power-admin', 'client-cert'],
  'VM_ADMIN+CLIENT_CERT': ['pool-admin', 'pool-operator', 'vm-power-admin', 'vm-admin', 'client-cert'],
  'VM_OP+CLIENT_CERT': ['pool-admin', 'pool-operator', 'vm-power-admin', 'vm-admin', 'vm-operator', 'client-cert'],
  'READ_ONLY+CLIENT_CERT': [
    'pool-admin',
    'pool-operator',
    'vm-power-admin',
    'vm-admin',
    'vm-operator',
    'client-cert',
    'read-only',
  ],
} as const;

/** The seven static roles, highest first, with the uuids that they have in every pool. */
export const staticRoles = [
  { name: 'pool-admin', uuid: '0165f154-ba3e-034e-6b27-5d271af109ba', internal: false },
  { name: 'pool-operator', uuid: 'b9ce9791-0604-50cd-0649-09b3284c7dfd', internal: false },
  { name: 'vm-power-admin', uuid: '7955168d-7bec-10ed-105f-c6a7e6e63249', internal: false },
  { name: 'vm-admin', uuid: 'aaa00ab5-7340-bfbc-0d1b-7cf342639a6e', internal: false },
  { name: 'vm-operator', uuid: 'fb8d4ff9-310c-a959-0613-54101535d3d5', internal: false },
  { name: 'client-cert', uuid: '2c42debf-c64a-2ecd-f674-3350f06409f7', internal: true },
  { name: 'read-only', uuid: '7233b8e3-eacb-d7da-2c95-f2e581cdbf4e', internal: false },
] as const;

/** Permissions that belong to no message or path of their own. */
export const extraPermissions = { 'task.destroy/any': 'POOL_OP' } as const;
