import type { Command } from '../../command.js';
import { hostAccessCommands } from './access.js';
import { hostAgentCommands } from './agent.js';
import { hostCertificateCommands } from './certificates.js';
import { hostDataSourceCommands } from './data-sources.js';
import { diagnosticCommands } from './diagnostics.js';
import { hostDisplayCommands } from './display.js';
import { hostDriverCommands } from './drivers.js';
import { hostEmergencyCommands } from './emergency.js';
import { hostEvacuationCommands } from './evacuation.js';
import { hostFactCommands } from './facts.js';
import { hostLicenseCommands } from './licenses.js';
import { hostLifeCycleCommands } from './life-cycle.js';
import { hostNetworkCommands } from './network.js';
import { hostPluginCommands } from './plugins.js';
import { hostRemovalCommands } from './removal.js';
import { hostReportCommands } from './reports.js';
import { hostStorageCommands } from './storage.js';
import { hostTransferCommands } from './transfers.js';

/** Commands for hosts. */
export const hostFamily: readonly Command[] = [
  ...hostLifeCycleCommands,
  ...hostRemovalCommands,
  ...hostEmergencyCommands,
  ...hostAgentCommands,
  ...hostNetworkCommands,
  ...hostFactCommands,
  ...hostDataSourceCommands,
  ...hostTransferCommands,
  ...hostReportCommands,
  ...hostCertificateCommands,
  ...hostAccessCommands,
  ...hostStorageCommands,
  ...hostDriverCommands,
  ...hostDisplayCommands,
  ...hostEvacuationCommands,
  ...hostPluginCommands,
  ...hostLicenseCommands,
  ...diagnosticCommands,
];
