import type { Command } from '../../command.js';

/** Who is logged in. */
export const sessionCommands: readonly Command[] = [
  {
    name: 'session-subject-identifier-list',
    required: [],
    optional: [],
    description: 'Lists the users of the directory that are logged in.',
    async run({ api, printer }) {
      const identifiers = await api.call('session', 'get_all_subject_identifiers');
      printer.table(identifiers.map((identifier) => [['subject-identifier ( RO)', identifier]]));
    },
  },
  {
    name: 'session-subject-identifier-logout',
    required: ['subject-identifier'],
    optional: [],
    description: 'Ends all sessions of a user of the directory.',
    async run({ api, parameters }) {
      await api.call('session', 'logout_subject_identifier', parameters.required('subject-identifier'));
    },
  },
  {
    name: 'session-subject-identifier-logout-all',
    required: [],
    optional: [],
    description: 'Ends the sessions of all users of the directory.',
    async run({ api }) {
      for (const identifier of await api.call('session', 'get_all_subject_identifiers'))
        await api.call('session', 'logout_subject_identifier', identifier);
    },
  },
  {
    name: 'user-password-change',
    required: ['new'],
    optional: ['old'],
    description: 'Changes the password of the user that is logged in.',
    async run({ api, parameters }) {
      await api.call('session', 'change_password', parameters.text('old', ''), parameters.required('new'));
    },
  },
];
