import { defineClass } from '../define.js';

export const probe_result = defineClass({
  name: 'probe_result',
  doc: 'One find of SR.probe_ext: settings to use, and the SR there if any.',
  since: 'kolkata',
  storage: 'none',
  events: false,
  roles: { implicit: 'READ_ONLY', constructor: 'LOCAL_ROOT_ONLY' },
  lookups: [],
  fields: {
    configuration: {
      doc: 'Driver settings to go on with, for a further probe or for create.',
      type: 'map(string,string)',
      kind: 'DynamicRO',
      since: 'kolkata',
    },
    complete: {
      doc: 'True when the settings suffice for SR.create or SR.introduce.',
      type: 'bool',
      kind: 'DynamicRO',
      since: 'kolkata',
    },
    sr: {
      doc: 'Repository that exists with these settings; absent when there is none.',
      type: 'option(record sr_stat)',
      kind: 'DynamicRO',
      since: 'kolkata',
    },
    extra_info: {
      doc: 'Further facts on the find, for the eyes of the user.',
      type: 'map(string,string)',
      kind: 'DynamicRO',
      since: 'kolkata',
    },
  },
  messages: {},
});
