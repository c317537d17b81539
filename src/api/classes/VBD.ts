import type { ClassBehaviour } from '../behaviour.js';
import { target } from '../operations/operations.js';
import { createVbd, destroyVbd, setMode, setters } from './VBD/life.js';
import { eject, insert } from './VBD/medium.js';
import { pause, plug, unpause, unplug, unplugForce } from './VBD/plug.js';
import { speedSetters } from './VBD/speed.js';

/** Drives of VMs. */
export const VBD: ClassBehaviour<'VBD'> = {
  create: createVbd,
  destroy: destroyVbd,
  setters: { ...setters, ...speedSetters },
  messages: {
    plug,
    unplug,
    unplug_force: unplugForce,
    unplug_force_no_safety_check: unplugForce,
    insert,
    eject,
    pause,
    unpause,
    set_mode: setMode,
    assert_attachable: ({ api }, self) => api.operations.assert(target('VBD', self, 'attach')),
  },
};
