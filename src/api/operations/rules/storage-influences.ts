import type { Influence } from '../rule.js';

/** What can be done to an SR and its disks hangs on whether hosts have it attached. */
export const pbdInfluence: Influence<'PBD'> = {
  className: 'PBD',
  inputs: ['SR', 'currently_attached'],
  *dependents(db, _ref, { SR, currently_attached }) {
    const sr = db.find('SR', SR);
    if (!sr) return;
    yield ['SR', SR];
    if (currently_attached) for (const vdi of sr.fields.VDIs) yield ['VDI', vdi];
  },
};

/** ... and on what the driver of its type can do. */
export const driverInfluence: Influence<'SM'> = {
  className: 'SM',
  inputs: ['type', 'features'],
  *dependents(db, _ref, { type }) {
    for (const [ref, sr] of db.all('SR')) {
      if (sr.type !== type) continue;
      yield ['SR', ref];
      for (const vdi of sr.VDIs) yield ['VDI', vdi];
    }
  },
};
