import type { ClassBehaviour } from '../behaviour.js';
import { addAllowed, configureIpv4, configureIpv6, removeAllowed, setAllowed, setLockingMode } from './VIF/filters.js';
import { createVif, destroyVif } from './VIF/life.js';
import { move, plug, unplug, unplugForce } from './VIF/plug.js';
import { addTrunks, removeTrunks, setTrunks } from './VIF/trunks.js';

/** Network cards of VMs. */
export const VIF: ClassBehaviour<'VIF'> = {
  create: createVif,
  destroy: destroyVif,
  messages: {
    plug,
    unplug,
    unplug_force: unplugForce,
    move,
    set_locking_mode: setLockingMode,
    set_ipv4_allowed: setAllowed('ipv4_allowed'),
    add_ipv4_allowed: addAllowed('ipv4_allowed'),
    remove_ipv4_allowed: removeAllowed('ipv4_allowed'),
    set_ipv6_allowed: setAllowed('ipv6_allowed'),
    add_ipv6_allowed: addAllowed('ipv6_allowed'),
    remove_ipv6_allowed: removeAllowed('ipv6_allowed'),
    configure_ipv4: configureIpv4,
    configure_ipv6: configureIpv6,
    add_trunks: addTrunks,
    remove_trunks: removeTrunks,
    set_trunks: setTrunks,
  },
};
