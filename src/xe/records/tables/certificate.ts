import type { ClassTable } from '../row.js';

/** Fields of `certificate`. */
export const certificate: ClassTable<'Certificate'> = {
  name: 'certificate',
  of: 'Certificate',
  shown: ['uuid', 'type', 'name', 'host', 'not-before', 'not-after', 'fingerprint', 'purpose'],
  rows: [
    { name: 'uuid' },
    { name: 'type' },
    { name: 'name' },
    { name: 'host' },
    { name: 'not-before' },
    { name: 'not-after' },
    { name: 'fingerprint' },
    { name: 'fingerprint_sha256' },
    { name: 'fingerprint_sha1' },
    { name: 'purpose', plain: true },
  ],
};
