import type { Command } from '../../command.js';
import { poolAccessCommands } from './access.js';
import { poolAvailabilityCommands } from './availability.js';
import { poolCertificateCommands } from './certificates.js';
import { poolDatabaseCommands } from './database.js';
import { poolEjectCommands } from './eject.js';
import { poolMembershipCommands } from './membership.js';
import { poolNetworkCommands } from './network.js';
import { recoveryCommands } from './recovery.js';
import { poolSettingCommands } from './settings.js';
import { poolUpdateCommands } from './updates.js';
import { poolWlbCommands } from './wlb.js';

/** Commands for the pool as a whole. */
export const poolFamily: readonly Command[] = [
  ...poolMembershipCommands,
  ...poolEjectCommands,
  ...poolDatabaseCommands,
  ...poolAvailabilityCommands,
  ...poolWlbCommands,
  ...poolCertificateCommands,
  ...poolAccessCommands,
  ...poolUpdateCommands,
  ...poolSettingCommands,
  ...poolNetworkCommands,
  ...recoveryCommands,
];
