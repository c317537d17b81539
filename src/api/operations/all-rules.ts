import { clusterRules } from './rules/Cluster.js';
import { clusterHostRules } from './rules/Cluster_host.js';
import { hostMetricsInfluence, hostRules } from './rules/host.js';
import { poolRules } from './rules/pool.js';
import { srRules } from './rules/SR.js';
import { driverInfluence, pbdInfluence } from './rules/storage-influences.js';
import { vbdRules } from './rules/VBD.js';
import { vdiRules } from './rules/VDI.js';
import { vifRules } from './rules/VIF.js';
import { guestMetricsInfluence, metricsInfluence } from './rules/VM/influences.js';
import { vmRules } from './rules/VM.js';
import { applianceRules } from './rules/VM_appliance.js';
import { vtpmRules } from './rules/VTPM.js';
import { vusbRules } from './rules/VUSB.js';

/** Rules of every class that has operations. */
export const operationRules = [
  vmRules,
  vbdRules,
  vifRules,
  vdiRules,
  srRules,
  hostRules,
  poolRules,
  vusbRules,
  applianceRules,
  vtpmRules,
  clusterRules,
  clusterHostRules,
] as const;

/** Classes without operations that others' depend on. */
export const influences = [guestMetricsInfluence, metricsInfluence, pbdInfluence, driverInfluence, hostMetricsInfluence] as const;
