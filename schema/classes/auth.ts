import { defineClass } from '../define.js';

export const auth = defineClass({
  name: 'auth',
  doc: 'Look-ups in the directory service the pool is joined to.',
  since: 'george',
  storage: 'none',
  events: false,
  roles: { implicit: 'READ_ONLY', constructor: 'READ_ONLY' },
  lookups: [],
  fields: {},
  messages: {
    get_subject_identifier: {
      doc: 'Finds the directory identifier of a user or group by name.',
      params: [{ name: 'subject_name', type: 'string' }],
      result: 'string',
      roles: 'READ_ONLY',
      since: 'george',
    },
    get_subject_information_from_identifier: {
      doc: 'Returns what the directory knows of an identifier, as subject-* keys.',
      params: [{ name: 'subject_identifier', type: 'string' }],
      result: 'map(string,string)',
      roles: 'READ_ONLY',
      since: 'george',
    },
    get_group_membership: {
      doc: 'Lists the identifiers of all groups a user or group belongs to, nested ones too.',
      params: [{ name: 'subject_identifier', type: 'string' }],
      result: 'set(string)',
      roles: 'READ_ONLY',
      since: 'george',
    },
  },
});
