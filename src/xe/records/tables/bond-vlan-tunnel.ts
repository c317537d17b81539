import type { ClassTable } from '../row.js';

/** Fields of `bond`. */
export const bond: ClassTable<'Bond'> = {
  name: 'bond',
  of: 'Bond',
  shown: ['uuid', 'master', 'slaves'],
  rows: [
    { name: 'uuid' },
    { name: 'master' },
    { name: 'slaves', plain: true },
    { name: 'mode' },
    { name: 'properties', setKey: 'set_property' },
    { name: 'primary-slave' },
    { name: 'links-up' },
    { name: 'auto-update-mac' },
  ],
};

/** Fields of `vlan`. */
export const vlan: ClassTable<'VLAN'> = {
  name: 'vlan',
  of: 'VLAN',
  shown: ['uuid', 'tagged-PIF', 'untagged-PIF', 'tag'],
  rows: [{ name: 'uuid' }, { name: 'tagged-PIF' }, { name: 'untagged-PIF' }, { name: 'tag' }],
};

/** Fields of `tunnel`. */
export const tunnel: ClassTable<'tunnel'> = {
  name: 'tunnel',
  of: 'tunnel',
  shown: ['uuid', 'access-PIF', 'transport-PIF', 'status'],
  rows: [
    { name: 'uuid' },
    { name: 'access-PIF' },
    { name: 'transport-PIF' },
    { name: 'status', plain: true },
    { name: 'other-config', add: true },
    { name: 'protocol' },
  ],
};
