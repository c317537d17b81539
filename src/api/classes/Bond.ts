import type { ClassBehaviour } from '../behaviour.js';
import { assertBondProperty, propertiesFor } from '../network/bond-properties.js';
import { changeBond, createBond, destroyBond } from '../network/bonds.js';

/** Cards of a host that are joined into one. */
export const Bond: ClassBehaviour<'Bond'> = {
  messages: {
    create: (call, network, members, mac, mode, properties) => createBond(call, { network, members, mac, mode, properties }),
    destroy: (call, self) => destroyBond(call, self),
    set_mode: ({ api }, self, mode) =>
      changeBond(api, self, ({ properties }) => ({ mode, properties: propertiesFor(mode, properties) })),
    set_property: ({ api }, self, name, value) =>
      changeBond(api, self, ({ mode, properties }) => {
        assertBondProperty(mode, name, value);
        return { properties: new Map([...properties, [name, value]]) };
      }),
  },
};
