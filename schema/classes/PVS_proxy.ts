import { defineClass } from '../define.js';

export const PVS_proxy = defineClass({
  name: 'PVS_proxy',
  doc: "A cache on the host between a VM's interface and the provisioning servers.",
  since: 'ely',
  storage: 'durable',
  events: true,
  roles: { implicit: 'READ_ONLY', constructor: 'POOL_OP' },
  lookups: ['all', 'uuid'],
  fields: {
    uuid: { type: 'string', kind: 'DynamicRO', since: 'ely' },
    site: {
      doc: 'Site the VM boots from.',
      type: 'ref PVS_site',
      kind: 'StaticRO',
      default: 'OpaqueRef:NULL',
      since: 'ely',
    },
    VIF: {
      doc: 'Interface whose traffic the proxy serves.',
      type: 'ref VIF',
      kind: 'StaticRO',
      default: 'OpaqueRef:NULL',
      since: 'ely',
    },
    currently_attached: {
      doc: 'True while the proxy runs for its VM.',
      type: 'bool',
      kind: 'DynamicRO',
      default: false,
      since: 'ely',
    },
    status: {
      doc: 'What the proxy does: stopped, initialised, caching or incompatible with the client.',
      type: 'enum pvs_proxy_status',
      kind: 'DynamicRO',
      default: 'stopped',
      since: 'ely',
    },
  },
  messages: {
    create: {
      doc: 'Puts a proxy on the interface with device 0 of a VM.',
      params: [
        { name: 'site', type: 'ref PVS_site' },
        { name: 'VIF', type: 'ref VIF' },
      ],
      result: 'ref PVS_proxy',
      roles: 'POOL_OP',
      async: true,
      since: 'ely',
    },
    destroy: {
      doc: 'Takes the proxy off its interface.',
      params: [{ name: 'self', type: 'ref PVS_proxy' }],
      result: 'void',
      roles: 'POOL_OP',
      async: true,
      since: 'ely',
    },
  },
});
