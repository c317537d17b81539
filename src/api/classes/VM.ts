import type { ClassBehaviour } from '../behaviour.js';
import { boot } from './VM/boot.js';
import { copies } from './VM/clone.js';
import { configuration, operations } from './VM/configuration.js';
import { createVm } from './VM/create.js';
import { destroyVm } from './VM/destroy.js';
import { devices } from './VM/devices.js';
import { firmwareTexts } from './VM/firmware-texts.js';
import { imports } from './VM/import.js';
import { lifecycleMessages } from './VM/lifecycle/lifecycle-messages.js';
import { measurements } from './VM/measurements.js';
import { membership } from './VM/membership.js';
import { memory } from './VM/memory.js';
import { provisioning } from './VM/provision.js';
import { recovery } from './VM/recovery.js';
import { refusals } from './VM/refusals.js';
import { snapshots } from './VM/snapshot.js';
import { suspendImage } from './VM/suspend-image.js';
import { templateSetters, templates } from './VM/templates.js';
import { vcpus } from './VM/vcpus.js';

/** Virtual machines, templates and snapshots. */
export const VM: ClassBehaviour<'VM'> = {
  create: createVm,
  destroy: destroyVm,
  setters: {
    ...templateSetters,
  },
  messages: {
    ...configuration,
    ...operations,
    ...memory,
    ...vcpus,
    ...boot,
    ...firmwareTexts,
    ...membership,
    ...devices,
    ...templates,
    ...provisioning,
    ...copies,
    ...snapshots,
    ...suspendImage,
    ...measurements,
    ...recovery,
    ...imports,
    ...lifecycleMessages,
    ...refusals,
  },
};
