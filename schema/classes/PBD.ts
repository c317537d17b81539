import { defineClass } from '../define.js';

export const PBD = defineClass({
  name: 'PBD',
  doc: 'The link between one host and one SR, with the driver settings by which the host reaches it.',
  since: 'rio',
  storage: 'durable',
  events: true,
  roles: { implicit: 'READ_ONLY', constructor: 'POOL_OP' },
  constructible: true,
  lookups: ['all', 'uuid'],
  fields: {
    uuid: { type: 'string', kind: 'DynamicRO', since: 'rio' },
    host: {
      doc: 'Host that reaches the SR over this link.',
      type: 'ref host',
      kind: 'StaticRO',
      since: 'rio',
    },
    SR: {
      doc: 'Storage repository at the other end.',
      type: 'ref SR',
      kind: 'StaticRO',
      since: 'rio',
    },
    device_config: {
      doc: 'Driver settings: device, server, serverpath, target, targetIQN, SCSIid and others by SR type.',
      type: 'map(string,string)',
      kind: 'StaticRO',
      since: 'rio',
    },
    currently_attached: {
      doc: 'True while the SR is attached on the host.',
      type: 'bool',
      kind: 'DynamicRO',
      since: 'rio',
    },
    other_config: {
      doc: 'Free-form keys; storage_driver_domain names the VM that runs the driver.',
      type: 'map(string,string)',
      kind: 'RW',
      default: {},
      setterRoles: 'POOL_OP',
      since: 'miami',
    },
  },
  messages: {
    plug: {
      doc: 'Attaches the SR on the host.',
      params: [{ name: 'self', type: 'ref PBD' }],
      result: 'void',
      roles: 'POOL_OP',
      async: true,
      errors: ['SR_UNKNOWN_DRIVER'],
      since: 'rio',
    },
    unplug: {
      doc: 'Detaches the SR from the host; refused while VDIs of it are in use there.',
      params: [{ name: 'self', type: 'ref PBD' }],
      result: 'void',
      roles: 'POOL_OP',
      async: true,
      since: 'rio',
    },
    set_device_config: {
      doc: 'Replaces the driver settings, from the next plug.',
      params: [
        { name: 'self', type: 'ref PBD' },
        { name: 'value', type: 'map(string,string)' },
      ],
      result: 'void',
      roles: 'POOL_OP',
      async: true,
      since: 'miami',
    },
  },
});
