import type { ClassTable } from '../row.js';

/** Fields of `repository`. */
export const repository: ClassTable<'Repository'> = {
  name: 'repository',
  of: 'Repository',
  shown: ['uuid', 'name-label', 'name-description', 'binary-url', 'source-url', 'update', 'hash', 'gpgkey-path', 'origin'],
  rows: [
    { name: 'uuid' },
    { name: 'name-label', set: true },
    { name: 'name-description', set: true },
    { name: 'binary-url' },
    { name: 'source-url' },
    { name: 'update' },
    { name: 'hash' },
    { name: 'gpgkey-path', set: true },
    { name: 'origin' },
    { name: 'certificate', hidden: true },
  ],
};
