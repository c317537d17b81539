import { defineClass } from '../define.js';

export const DR_task = defineClass({
  name: 'DR_task',
  doc: 'A disaster recovery in progress: SRs of another pool brought in to recover its VMs.',
  since: 'boston',
  storage: 'durable',
  events: true,
  roles: { implicit: 'READ_ONLY', constructor: 'POOL_OP' },
  lookups: ['all', 'uuid'],
  fields: {
    uuid: { type: 'string', kind: 'DynamicRO', since: 'rio' },
    introduced_SRs: {
      doc: 'SRs the recovery brought in; forgotten at its end.',
      type: 'set(ref SR)',
      kind: 'DynamicRO',
      since: 'rio',
    },
  },
  messages: {
    create: {
      doc: 'Finds the SRs behind driver settings, those of the list if given, and brings them in.',
      params: [
        { name: 'type', type: 'string' },
        { name: 'device_config', type: 'map(string,string)' },
        { name: 'whitelist', type: 'set(string)' },
      ],
      result: 'ref DR_task',
      roles: 'POOL_OP',
      async: true,
      since: 'boston',
    },
    destroy: {
      doc: 'Ends the recovery and forgets its SRs, unless VMs now use them.',
      params: [{ name: 'self', type: 'ref DR_task' }],
      result: 'void',
      roles: 'POOL_OP',
      async: true,
      since: 'boston',
    },
  },
});
