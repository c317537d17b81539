import { defineClass } from '../define.js';

export const PVS_site = defineClass({
  name: 'PVS_site',
  doc: 'A Citrix Provisioning site whose servers stream disks to VMs of the pool.',
  since: 'ely',
  storage: 'durable',
  events: true,
  roles: { implicit: 'READ_ONLY', constructor: 'POOL_OP' },
  lookups: ['all', 'uuid', 'name_label'],
  fields: {
    uuid: { type: 'string', kind: 'DynamicRO', since: 'ely' },
    name_label: { type: 'string', kind: 'RW', default: '', column: 'name__label', setterRoles: 'POOL_OP', since: 'ely' },
    name_description: {
      type: 'string',
      kind: 'RW',
      default: '',
      column: 'name__description',
      setterRoles: 'POOL_OP',
      since: 'ely',
    },
    PVS_uuid: {
      doc: 'UUID of the site in the provisioning product.',
      type: 'string',
      kind: 'StaticRO',
      default: '',
      since: 'ely',
    },
    cache_storage: {
      doc: 'Storage for the caches of the proxies, one per host.',
      type: 'set(ref PVS_cache_storage)',
      kind: 'DynamicRO',
      default: [],
      weak: true,
      since: 'ely',
    },
    servers: {
      doc: 'Provisioning servers of the site.',
      type: 'set(ref PVS_server)',
      kind: 'DynamicRO',
      since: 'ely',
    },
    proxies: {
      doc: 'Proxies of VMs that boot from the site.',
      type: 'set(ref PVS_proxy)',
      kind: 'DynamicRO',
      since: 'ely',
    },
  },
  messages: {
    introduce: {
      doc: 'Records a provisioning site in the pool.',
      params: [
        { name: 'name_label', type: 'string' },
        { name: 'name_description', type: 'string' },
        { name: 'PVS_uuid', type: 'string' },
      ],
      result: 'ref PVS_site',
      roles: 'POOL_OP',
      async: true,
      since: 'ely',
    },
    forget: {
      doc: 'Removes a site that has no servers and no running proxies.',
      params: [{ name: 'self', type: 'ref PVS_site' }],
      result: 'void',
      roles: 'POOL_OP',
      async: true,
      errors: ['PVS_SITE_CONTAINS_RUNNING_PROXIES', 'PVS_SITE_CONTAINS_SERVERS'],
      since: 'ely',
    },
    set_PVS_uuid: {
      doc: 'Sets the UUID the site has in the provisioning product.',
      params: [
        { name: 'self', type: 'ref PVS_site' },
        { name: 'value', type: 'string' },
      ],
      result: 'void',
      roles: 'POOL_OP',
      async: true,
      since: 'ely',
    },
  },
});
