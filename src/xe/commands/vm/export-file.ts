import type { Ref } from '../../../model/ref.js';
import type { CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import type { Parameters } from '../../parameters.js';
import { download } from '../../tasks/transfer.js';
import { parseBoolean } from '../../values.js';

/** How VMs are exported. */
export interface ExportOptions {
  readonly compression: 'false' | 'gzip' | 'zstd';
  /** A suspended VM stays suspended in the file, with its memory. */
  readonly preservePowerState: boolean;
  readonly snapshots: boolean;
  /** Only what the pool knows of the VM, without the data of its disks. */
  readonly metadata: boolean;
  /** Kinds of devices that are left out of metadata, with commas between them. */
  readonly excludedDeviceTypes: string | undefined;
  /** A task of the user's own that shows the transfer. */
  readonly taskUuid: string | undefined;
}

/** The options of a command line. Throws CommandFailure. */
export function exportOptions(parameters: Parameters): ExportOptions {
  const metadata = parameters.boolean('metadata');
  return {
    compression: compressionOf(parameters.text('compress', 'false')),
    preservePowerState: parameters.boolean('preserve-power-state'),
    // Snapshots share their disks with the VM, and a file of disks would hold those data once for each.
    snapshots: parameters.boolean('include-snapshots', metadata),
    metadata,
    excludedDeviceTypes: parameters.find('excluded-device-types'),
    taskUuid: parameters.find('task-uuid'),
  };
}

/** Has the client fetch a VM into a file, which must not exist yet; without a name to its standard output. */
export async function exportVm(context: CommandContext, vm: Ref<'VM'>, fileName: string, options: ExportOptions): Promise<void> {
  const { metadata, excludedDeviceTypes, taskUuid } = options;
  await download(context, {
    label: 'Export of VM',
    fileName,
    path: metadata ? '/export_metadata' : '/export',
    query: {
      ref: vm,
      use_compression: options.compression,
      preserve_power_state: String(options.preservePowerState),
      export_snapshots: String(options.snapshots),
      ...(excludedDeviceTypes !== undefined && { excluded_device_types: excludedDeviceTypes }),
    },
    ...(taskUuid !== undefined && { taskUuid }),
  });
  // With the VM itself on standard output a word of ours would be part of the file.
  if (fileName !== '') context.client.print('Export succeeded');
}

function compressionOf(word: string): ExportOptions['compression'] {
  const lower = word.toLowerCase();
  if (lower === 'gzip' || lower === 'zstd') return lower;
  try {
    return parseBoolean('compress', word) ? 'gzip' : 'false';
  } catch {
    throw new CommandFailure(`Failed to parse parameter 'compress': expecting true, false, gzip or zstd, got ${word}`);
  }
}
