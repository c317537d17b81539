import type { Command } from '../../command.js';
import { onUuid } from '../support.js';

/** What is done with SRs that exist. */
export const srCommands: readonly Command[] = [
  {
    name: 'sr-scan',
    required: ['uuid'],
    optional: [],
    description: 'Has an SR look for VDIs that came or went on its storage.',
    run: onUuid('SR', 'scan'),
  },
  {
    name: 'sr-update',
    required: ['uuid'],
    optional: [],
    description: 'Reads sizes and names of an SR from its storage again.',
    run: onUuid('SR', 'update'),
  },
  {
    name: 'sr-forget',
    required: ['uuid'],
    optional: [],
    description: 'Removes an SR from the database and leaves its storage as it is.',
    run: onUuid('SR', 'forget'),
  },
  {
    name: 'sr-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Destroys an SR together with everything on its storage.',
    run: onUuid('SR', 'destroy'),
  },
  {
    name: 'sr-enable-database-replication',
    required: ['uuid'],
    optional: [],
    description: "Keeps a copy of the pool's database on an SR.",
    run: onUuid('SR', 'enable_database_replication'),
  },
  {
    name: 'sr-disable-database-replication',
    required: ['uuid'],
    optional: [],
    description: "Keeps no copy of the pool's database on an SR any more.",
    run: onUuid('SR', 'disable_database_replication'),
  },
];
