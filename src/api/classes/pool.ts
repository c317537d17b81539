import type { ClassBehaviour } from '../behaviour.js';
import { availabilityMessages } from './pool/availability.js';
import { directoryMessages } from './pool/directories.js';
import { guestMessages } from './pool/guests.js';
import { licenseMessages } from './pool/license.js';
import { membershipMessages } from './pool/membership.js';
import { networkMessages } from './pool/network.js';
import { onAllHostsMessages } from './pool/on-all-hosts.js';
import { repositoryMessages } from './pool/repositories.js';
import { secretMessages } from './pool/secret.js';
import { settingMessages } from './pool/settings.js';
import { trustMessages } from './pool/trust.js';

/** The pool: the one object that stands for all hosts together. */
export const pool: ClassBehaviour<'pool'> = {
  messages: {
    ...availabilityMessages,
    ...directoryMessages,
    ...guestMessages,
    ...licenseMessages,
    ...membershipMessages,
    ...networkMessages,
    ...onAllHostsMessages,
    ...repositoryMessages,
    ...secretMessages,
    ...settingMessages,
    ...trustMessages,
  },
};
