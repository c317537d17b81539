import type { Command, CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { loadFile } from '../../tasks/files.js';
import { parseSize } from '../../values.js';
import { storageHost } from './storage-host.js';

/** End of a key of the device configuration whose value names a file of the client's. */
const FILE_SUFFIX = '-filename';

/** Making and taking in of SRs. */
export const srCreationCommands: readonly Command[] = [
  {
    name: 'sr-create',
    required: ['name-label', 'type'],
    optional: ['name-description', 'host-uuid', 'device-config:', 'shared', 'physical-size', 'content-type', 'sm-config:'],
    description:
      'Makes an SR with a PBD on the host, or on every host when it is shared, and prints its uuid. device-config:KEY-filename=FILE sends the content of a file as KEY.',
    run: createSr,
  },
  {
    name: 'sr-introduce',
    required: ['name-label', 'type', 'uuid'],
    optional: ['name-description', 'shared', 'content-type'],
    description: 'Takes in an SR that exists on storage already. It needs PBDs then.',
    async run({ api, parameters, printer }) {
      const uuid = parameters.required('uuid');
      await api.call(
        'SR',
        'introduce',
        uuid,
        parameters.required('name-label'),
        parameters.text('name-description', ''),
        parameters.required('type'),
        parameters.text('content-type', ''),
        parameters.boolean('shared'),
        new Map(),
      );
      printer.lines(uuid);
    },
  },
];

async function createSr(context: CommandContext): Promise<void> {
  const { api, parameters, client } = context;
  const shared = parameters.boolean('shared');
  const host = storageHost(context, shared);
  const sr = await api.call(
    'SR',
    'create',
    host,
    await deviceConfig(context),
    sizeOrZero(parameters.text('physical-size', '0')),
    parameters.required('name-label'),
    parameters.text('name-description', ''),
    parameters.required('type'),
    parameters.text('content-type', ''),
    shared,
    parameters.map('sm-config'),
  );
  client.print(api.uuid('SR', sr));
}

/** What nobody can read as a size leaves the size to the storage, as in the original. */
function sizeOrZero(text: string): number {
  try {
    return parseSize('physical-size', text);
  } catch (thrown) {
    if (thrown instanceof CommandFailure) return 0;
    throw thrown;
  }
}

/** The device configuration of a command line, with the content of the files that it names. */
async function deviceConfig(context: CommandContext): Promise<Map<string, string>> {
  const config = new Map<string, string>();
  for (const [key, value] of context.parameters.map('device-config')) {
    if (!key.endsWith(FILE_SUFFIX)) config.set(key, value);
    else config.set(key.slice(0, -FILE_SUFFIX.length), (await loadFile(context, value)).toString('utf8'));
  }
  return config;
}
