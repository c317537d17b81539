import type { Command } from '../../command.js';
import { blobCommands } from './blobs.js';
import { pbdCommands } from './pbds.js';
import { srCreationCommands } from './sr-create.js';
import { srDataSourceCommands } from './sr-data-sources.js';
import { srProbeCommands } from './sr-probe.js';
import { srCommands } from './srs.js';
import { vdiChangeCommands } from './vdi-changes.js';
import { vdiCopyCommands } from './vdi-copies.js';
import { vdiIntroduceCommands } from './vdi-introduce.js';
import { vdiTransferCommands } from './vdi-transfers.js';
import { vdiCommands } from './vdis.js';

/** Commands for storage, and for the blobs that are kept with objects. */
export const storageFamily: readonly Command[] = [
  ...srCreationCommands,
  ...srCommands,
  ...srProbeCommands,
  ...srDataSourceCommands,
  ...pbdCommands,
  ...vdiCommands,
  ...vdiIntroduceCommands,
  ...vdiCopyCommands,
  ...vdiChangeCommands,
  ...vdiTransferCommands,
  ...blobCommands,
];
