import type { Database } from '../../../db/database.js';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { Handler } from '../../behaviour.js';
import { bringPifUp, isBondMember } from '../../network/bring-up.js';
import { exclusively } from '../../network/exclusive.js';
import { assertNotClustered } from '../../network/pif-checks.js';
import { inProgress } from '../../operations/operations.js';

/** Link settings with the values that they can have. */
const PROPERTIES: ReadonlyMap<string, readonly string[]> = new Map([['gro', ['on', 'off']]]);

/** PIF.set_property: for cards and bonds; what is in the bond and on the interface follows. */
export const setProperty: Handler<'PIF', 'set_property'> = ({ api }, self, name, value) => {
  const { db } = api;
  if (!PROPERTIES.get(name)?.includes(value)) throw new ApiError('INVALID_VALUE', 'properties', `${name} = ${value}`);
  const pif = db.get('PIF', self);
  if (!(pif.physical || pif.bond_master_of.length) || isBondMember(pif)) throw new ApiError('CANNOT_CHANGE_PIF_PROPERTIES', self);
  return exclusively(api, pif.host, async () => {
    const { properties, bond_master_of, VLAN_slave_of } = db.get('PIF', self);
    const members = bond_master_of.flatMap((bond) => db.get('Bond', bond).slaves);
    db.transaction(() => {
      for (const ref of [self, ...members]) db.set('PIF', ref, { properties: new Map([...properties, [name, value]]) });
    });
    for (const ref of [self, ...VLAN_slave_of.map((vlan) => db.get('VLAN', vlan).untagged_PIF)])
      if (db.get('PIF', ref).currently_attached) await bringPifUp(api, ref);
  });
};

/** PIF.set_disallow_unplug: a cluster needs its interfaces. */
export const setDisallowUnplug: Handler<'PIF', 'set_disallow_unplug'> = ({ api: { db } }, self, value) => {
  if (db.get('PIF', self).disallow_unplug === value) return;
  if (!value) assertNoClusterNeeds(db, self);
  db.set('PIF', self, { disallow_unplug: value });
};

function assertNoClusterNeeds(db: Database, self: Ref<'PIF'>): void {
  assertNotClustered(db, self);
  for (const [cluster, { current_operations }] of db.all('Cluster'))
    for (const [task, operation] of current_operations)
      if (operation === 'enable' || operation === 'add') throw inProgress('Cluster', cluster, operation, task);
}
