import type { ClassTable } from '../row.js';

/** Fields of `pvs-site`. */
export const pvsSite: ClassTable<'PVS_site'> = {
  name: 'pvs-site',
  of: 'PVS_site',
  shown: ['uuid', 'name-label', 'name-description', 'pvs-uuid', 'pvs-server-uuids'],
  rows: [
    { name: 'uuid' },
    { name: 'name-label', set: true },
    { name: 'name-description', set: true },
    { name: 'pvs-uuid', from: 'PVS_uuid', set: true },
    { name: 'pvs-cache-storage-uuids', from: 'cache_storage' },
    { name: 'pvs-server-uuids', from: 'servers' },
    { name: 'pvs-proxy-uuids', from: 'proxies' },
  ],
};

/** Fields of `pvs-server`. */
export const pvsServer: ClassTable<'PVS_server'> = {
  name: 'pvs-server',
  of: 'PVS_server',
  shown: ['uuid', 'addresses', 'pvs-site-uuid'],
  rows: [
    { name: 'uuid' },
    { name: 'addresses' },
    { name: 'first-port' },
    { name: 'last-port' },
    { name: 'pvs-site-uuid', from: 'site' },
  ],
};

/** Fields of `pvs-proxy`. */
export const pvsProxy: ClassTable<'PVS_proxy'> = {
  name: 'pvs-proxy',
  of: 'PVS_proxy',
  shown: ['uuid', 'pvs-site-uuid', 'vif-uuid', 'currently-attached'],
  rows: [
    { name: 'uuid' },
    { name: 'pvs-site-uuid', from: 'site' },
    { name: 'vif-uuid', from: 'VIF' },
    { name: 'currently-attached' },
    { name: 'status' },
  ],
};

/** Fields of `pvs-cache-storage`. */
export const pvsCacheStorage: ClassTable<'PVS_cache_storage'> = {
  name: 'pvs-cache-storage',
  of: 'PVS_cache_storage',
  shown: ['uuid', 'host-uuid', 'sr-uuid', 'pvs-site-uuid', 'size'],
  rows: [
    { name: 'uuid' },
    { name: 'host-uuid', from: 'host' },
    { name: 'sr-uuid', from: 'SR' },
    { name: 'pvs-site-uuid', from: 'site' },
    { name: 'size' },
    { name: 'vdi-uuid', from: 'VDI' },
  ],
};
