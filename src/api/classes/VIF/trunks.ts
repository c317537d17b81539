import type { Handler } from '../../behaviour.js';
import { storedOnly } from '../../behaviour.js';
import { assertNoVlanInNetwork } from '../../network/pif-checks.js';
import { assertTag } from '../../network/vlans.js';

/** VIF.add_trunks: kept; hosts have no way yet to let tagged packets through to a guest. */
export const addTrunks: Handler<'VIF', 'add_trunks'> = storedOnly(({ api: { db } }, self, tag) => {
  const { trunks, network } = db.get('VIF', self);
  assertTag(tag);
  assertNoVlanInNetwork(db, network);
  if (!trunks.includes(tag)) db.set('VIF', self, { trunks: [tag, ...trunks] });
});

/** VIF.remove_trunks */
export const removeTrunks: Handler<'VIF', 'remove_trunks'> = storedOnly(({ api: { db } }, self, tag) =>
  db.set('VIF', self, { trunks: db.get('VIF', self).trunks.filter((other) => other !== tag) }),
);

/** VIF.set_trunks */
export const setTrunks: Handler<'VIF', 'set_trunks'> = storedOnly(({ api: { db } }, self, tags) => {
  const { network } = db.get('VIF', self);
  if (tags.length) assertNoVlanInNetwork(db, network);
  for (const tag of tags) assertTag(tag);
  db.set('VIF', self, { trunks: [...new Set(tags)] });
});
