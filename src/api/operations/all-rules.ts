import type { ClassName } from '../../model/types.js';
import type { Influence } from './rule.js';
import { clusterRules } from './rules/Cluster.js';
import { clusterHostRules } from './rules/Cluster_host.js';
import { hostRules } from './rules/host.js';
import { poolRules } from './rules/pool.js';
import { srRules } from './rules/SR.js';
import { vbdRules } from './rules/VBD.js';
import { vdiRules } from './rules/VDI.js';
import { vifRules } from './rules/VIF.js';
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
export const influences: readonly Influence<ClassName>[] = [];
