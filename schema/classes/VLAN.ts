import { defineClass } from '../define.js';

export const VLAN = defineClass({
  name: 'VLAN',
  doc: 'A tagged network on top of a PIF: untagged traffic of one PIF travels with a tag over another.',
  since: 'miami',
  storage: 'durable',
  events: true,
  roles: { implicit: 'READ_ONLY', constructor: 'POOL_OP' },
  lookups: ['all', 'uuid'],
  fields: {
    uuid: { type: 'string', kind: 'DynamicRO', since: 'rio' },
    tagged_PIF: {
      doc: 'Interface whose link carries the tagged packets.',
      type: 'ref PIF',
      kind: 'StaticRO',
      default: '',
      since: 'miami',
    },
    untagged_PIF: {
      doc: 'Interface on which the packets appear without tag.',
      type: 'ref PIF',
      kind: 'DynamicRO',
      default: '',
      since: 'miami',
    },
    tag: {
      doc: 'VLAN number, 0 to 4094.',
      type: 'int',
      kind: 'StaticRO',
      default: -1,
      since: 'miami',
    },
    other_config: {
      doc: 'Free-form keys of the VLAN.',
      type: 'map(string,string)',
      kind: 'RW',
      default: {},
      setterRoles: 'POOL_OP',
      since: 'miami',
    },
  },
  messages: {
    pool_introduce: {
      doc: 'Records a VLAN while a host joins.',
      params: [
        { name: 'tagged_PIF', type: 'ref PIF' },
        { name: 'untagged_PIF', type: 'ref PIF' },
        { name: 'tag', type: 'int' },
        { name: 'other_config', type: 'map(string,string)' },
      ],
      result: 'ref VLAN',
      roles: 'POOL_OP',
      async: true,
      hidden: true,
      since: 'inverness',
    },
    create: {
      doc: 'Makes a VLAN with the tag over a PIF and joins it to the network.',
      params: [
        { name: 'tagged_PIF', type: 'ref PIF' },
        { name: 'tag', type: 'int' },
        { name: 'network', type: 'ref network' },
      ],
      result: 'ref VLAN',
      roles: 'POOL_OP',
      async: true,
      since: 'miami',
    },
    destroy: {
      doc: 'Removes the VLAN and its untagged interface.',
      params: [{ name: 'self', type: 'ref VLAN' }],
      result: 'void',
      roles: 'POOL_OP',
      async: true,
      since: 'miami',
    },
  },
});
