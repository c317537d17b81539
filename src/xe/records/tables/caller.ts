import { callerRefs, rateLimitRef } from '../readers/fields.js';
import type { ClassTable } from '../row.js';

/** Fields of `caller`. */
export const caller: ClassTable<'Caller'> = {
  name: 'caller',
  of: 'Caller',
  shown: ['uuid', 'name-label', 'name-description', 'user-agent', 'client-ip', 'last-access', 'groups', 'rate-limit'],
  rows: [
    { name: 'uuid' },
    { name: 'name-label', set: true },
    { name: 'name-description', set: true },
    { name: 'user-agent' },
    { name: 'client-ip' },
    { name: 'last-access' },
    { name: 'groups', add: ['add_group', 'remove_group'] },
    { name: 'rate-limit', read: rateLimitRef },
  ],
};

/** Fields of `rate-limit`. */
export const rateLimit: ClassTable<'Rate_limit'> = {
  name: 'rate-limit',
  of: 'Rate_limit',
  shown: ['uuid', 'name-label', 'callers', 'burst-size', 'fill-rate'],
  rows: [
    { name: 'uuid' },
    { name: 'name-label', set: true },
    { name: 'name-description', set: true },
    { name: 'callers', read: callerRefs },
    { name: 'burst-size', set: true },
    { name: 'fill-rate', set: true },
  ],
};
