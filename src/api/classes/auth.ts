import { ApiError } from '../../model/error.js';
import type { Fields } from '../../model/types.js';
import type { Api } from '../api.js';
import type { ClassBehaviour } from '../behaviour.js';

/** Users are those whom the pool knows as subjects: there is no directory behind it that could know others. */
function find(api: Api, fits: (subject: Fields<'subject'>) => boolean): Fields<'subject'> {
  const [found] = api.db.filter('subject', fits);
  if (!found) throw new ApiError('AUTH_IS_DISABLED');
  return found[1];
}

function byIdentifier(api: Api, identifier: string): Fields<'subject'> {
  return find(api, (subject) => subject.subject_identifier === identifier);
}

/** Look-ups of users and groups. */
export const auth: ClassBehaviour<'auth'> = {
  messages: {
    get_subject_identifier: ({ api }, name) =>
      find(api, (subject) => subject.other_config.get('subject-name') === name).subject_identifier,
    get_subject_information_from_identifier: ({ api }, identifier) =>
      new Map([...byIdentifier(api, identifier).other_config].filter(([key]) => key.startsWith('subject-'))),
    get_group_membership: ({ api }, identifier) => {
      byIdentifier(api, identifier);
      return [];
    },
  },
};
