import type { Command } from '../../command.js';
import { biosCommands } from './bios.js';
import { cdCommands } from './cds.js';
import { consoleCommands } from './console.js';
import { copyCommands } from './copies.js';
import { createCommands } from './create.js';
import { vmDataSourceCommands } from './data-sources.js';
import { diagnosticCommands } from './diagnostics.js';
import { diskListCommands } from './disk-list.js';
import { diskCommands } from './disks.js';
import { exportCommands } from './export.js';
import { groupCommands } from './groups.js';
import { importCommands } from './import.js';
import { installCommands } from './install.js';
import { vmListCommands } from './lists.js';
import { memoryCommands } from './memory.js';
import { migrateCommands } from './migrate.js';
import { powerCommands } from './power.js';
import { recoveryCommands } from './recovery.js';
import { scheduleCommands } from './schedules.js';
import { settingsCommands } from './settings.js';
import { uninstallCommands } from './uninstall.js';

/** Commands for VMs and groups of them. */
export const vmFamily: readonly Command[] = [
  ...createCommands,
  ...installCommands,
  ...copyCommands,
  ...uninstallCommands,
  ...powerCommands,
  ...memoryCommands,
  ...settingsCommands,
  ...biosCommands,
  ...diskCommands,
  ...diskListCommands,
  ...cdCommands,
  ...vmListCommands,
  ...vmDataSourceCommands,
  ...exportCommands,
  ...importCommands,
  ...migrateCommands,
  ...recoveryCommands,
  ...groupCommands,
  ...scheduleCommands,
  ...consoleCommands,
  ...diagnosticCommands,
];
