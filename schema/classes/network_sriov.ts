import { defineClass } from '../define.js';

export const network_sriov = defineClass({
  name: 'network_sriov',
  doc: 'A network whose VIFs get virtual functions of a network card.',
  since: 'kolkata',
  storage: 'durable',
  events: true,
  roles: { implicit: 'READ_ONLY', constructor: 'POOL_OP' },
  lookups: ['all', 'uuid'],
  fields: {
    uuid: { type: 'string', kind: 'DynamicRO', since: 'rio' },
    physical_PIF: {
      doc: 'Network card that provides the virtual functions.',
      type: 'ref PIF',
      kind: 'StaticRO',
      default: '',
      since: 'kolkata',
    },
    logical_PIF: {
      doc: 'Interface that stands for the SR-IOV network.',
      type: 'ref PIF',
      kind: 'StaticRO',
      default: '',
      since: 'kolkata',
    },
    requires_reboot: {
      doc: 'True when the host must restart before the set-up takes effect.',
      type: 'bool',
      kind: 'DynamicRO',
      default: false,
      since: 'kolkata',
    },
    configuration_mode: {
      doc: 'How virtual functions are turned on: sysfs, modprobe or manual.',
      type: 'enum sriov_configuration_mode',
      kind: 'DynamicRO',
      default: 'unknown',
      since: 'kolkata',
    },
  },
  messages: {
    create: {
      doc: 'Turns virtual functions of a network card on and joins them to the network.',
      params: [
        { name: 'pif', type: 'ref PIF' },
        { name: 'network', type: 'ref network' },
      ],
      result: 'ref network_sriov',
      roles: 'POOL_OP',
      async: true,
      since: 'kolkata',
    },
    destroy: {
      doc: 'Turns the virtual functions off and removes the logical interface.',
      params: [{ name: 'self', type: 'ref network_sriov' }],
      result: 'void',
      roles: 'POOL_OP',
      async: true,
      since: 'kolkata',
    },
    get_remaining_capacity: {
      doc: 'Counts the virtual functions still free.',
      params: [{ name: 'self', type: 'ref network_sriov' }],
      result: 'int',
      roles: 'READ_ONLY',
      async: true,
      since: 'kolkata',
    },
  },
});
