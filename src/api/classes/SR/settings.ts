import { ApiError } from '../../../model/error.js';
import type { ClassBehaviour } from '../../behaviour.js';
import { assertPlugged, storageForSr } from '../../storage/placement.js';
import { recordSpace } from '../../storage/space.js';

/** What an SR is called and who may see it. */
export const settings: ClassBehaviour<'SR'>['messages'] = {
  set_name_label: ({ api: { db } }, self, name_label) => {
    assertPlugged(db, self);
    db.set('SR', self, { name_label });
  },
  set_name_description: ({ api: { db } }, self, name_description) => {
    assertPlugged(db, self);
    db.set('SR', self, { name_description });
  },
  set_shared: ({ api: { db } }, self, shared) => {
    const { PBDs } = db.get('SR', self);
    if (!shared && PBDs.length > 1) throw new ApiError('SR_HAS_MULTIPLE_PBDS', ...PBDs);
    db.set('SR', self, { shared });
  },
  update: async ({ api }, self) => {
    const { db } = api;
    const space = await storageForSr(api, self).space(db.get('SR', self).uuid);
    db.transaction(() => recordSpace(db, self, space));
  },
};
