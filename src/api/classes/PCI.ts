import { type ClassBehaviour, type Handler, refused } from '../behaviour.js';

/** A host keeps all of its devices for its own system: it has no way to hide one from there, nor anything to give back. */
const access: Handler<'PCI', 'get_dom0_access_status'> = ({ api: { db } }, self) => {
  db.get('PCI', self);
  return 'enabled';
};

/** PCI devices of hosts. */
export const PCI: ClassBehaviour<'PCI'> = {
  messages: {
    get_dom0_access_status: access,
    enable_dom0_access: access,
    disable_dom0_access: refused('NOT_IMPLEMENTED', 'PCI.disable_dom0_access'),
  },
};
