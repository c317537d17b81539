import { defineClass } from '../define.js';

export const SDN_controller = defineClass({
  name: 'SDN_controller',
  doc: 'A software-defined-network controller that steers the virtual switches.',
  since: 'falcon',
  storage: 'durable',
  events: true,
  roles: { implicit: 'READ_ONLY', constructor: 'POOL_OP' },
  lookups: ['all', 'uuid'],
  fields: {
    uuid: { type: 'string', kind: 'DynamicRO', since: 'falcon' },
    protocol: {
      doc: 'ssl to connect to the controller, pssl to wait for its connection.',
      type: 'enum sdn_controller_protocol',
      kind: 'StaticRO',
      default: 'ssl',
      since: 'falcon',
    },
    address: {
      doc: 'IP address of the controller; empty with pssl.',
      type: 'string',
      kind: 'StaticRO',
      default: '',
      since: 'falcon',
    },
    port: {
      doc: 'TCP port of the controller; 0 leaves it to the protocol.',
      type: 'int',
      kind: 'StaticRO',
      default: 0,
      since: 'falcon',
    },
  },
  messages: {
    introduce: {
      doc: 'Records a controller and points the virtual switches of all hosts to it.',
      params: [
        { name: 'protocol', type: 'enum sdn_controller_protocol', default: 'ssl' },
        { name: 'address', type: 'string', default: '' },
        { name: 'port', type: 'int', default: 0 },
      ],
      result: 'ref SDN_controller',
      roles: 'POOL_OP',
      async: true,
      since: 'falcon',
    },
    forget: {
      doc: 'Removes the controller and detaches the virtual switches from it.',
      params: [{ name: 'self', type: 'ref SDN_controller' }],
      result: 'void',
      roles: 'POOL_OP',
      async: true,
      since: 'falcon',
    },
  },
});
