import type { ClassBehaviour } from '../behaviour.js';
import { accessMessages } from './host/access.js';
import { agentMessages } from './host/agent.js';
import { authenticationMessages } from './host/authentication.js';
import { cachingMessages } from './host/caching.js';
import { certificateMessages } from './host/certificates.js';
import { diagnosticMessages } from './host/diagnostics.js';
import { evacuationMessages } from './host/evacuation.js';
import { extensionMessages } from './host/extensions.js';
import { hardwareMessages } from './host/hardware.js';
import { identityMessages, identitySetters } from './host/identity.js';
import { licenseMessages } from './host/license.js';
import { memoryMessages } from './host/memory.js';
import { metricsMessages } from './host/metrics.js';
import { migrationMessages } from './host/migration.js';
import { networkMessages } from './host/network.js';
import { networkSyncMessages } from './host/network-sync.js';
import { powerMessages } from './host/power.js';
import { timeMessages } from './host/time.js';
import { updateMessages } from './host/updates.js';

/** The physical servers of the pool. */
export const host: ClassBehaviour<'host'> = {
  messages: {
    ...accessMessages,
    ...agentMessages,
    ...authenticationMessages,
    ...cachingMessages,
    ...certificateMessages,
    ...diagnosticMessages,
    ...evacuationMessages,
    ...extensionMessages,
    ...hardwareMessages,
    ...identityMessages,
    ...licenseMessages,
    ...memoryMessages,
    ...metricsMessages,
    ...migrationMessages,
    ...networkMessages,
    ...networkSyncMessages,
    ...powerMessages,
    ...timeMessages,
    ...updateMessages,
  },
  setters: identitySetters,
};
