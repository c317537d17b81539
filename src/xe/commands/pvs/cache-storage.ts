import type { Command, CommandContext } from '../../command.js';
import { onHosts } from '../../selectors/hosts.js';
import { parseSize } from '../../values.js';
import { onUuid, printUuid, refOf } from '../support.js';

/** Space in which hosts cache what PVS sites stream. */
export const pvsCacheStorageCommands: readonly Command[] = [
  {
    name: 'pvs-cache-storage-create',
    required: ['sr-uuid', 'pvs-site-uuid', 'size'],
    optional: [],
    selectors: 'host',
    description: 'Gives a host space in an SR in which it caches what a PVS site streams, and prints the uuid.',
    run: createCacheStorage,
  },
  {
    name: 'pvs-cache-storage-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Takes the cache of a host away again.',
    run: onUuid('PVS_cache_storage', 'destroy'),
  },
];

async function createCacheStorage(context: CommandContext): Promise<void> {
  const { api, parameters } = context;
  const made = await onHosts(context, async ({ ref: host }) => {
    const sr = refOf(context, 'SR', 'sr-uuid');
    const site = refOf(context, 'PVS_site', 'pvs-site-uuid');
    const size = parseSize('size', parameters.required('size'));
    return api.create('PVS_cache_storage', { host, SR: sr, site, size });
  });
  for (const cache of made) printUuid(context, 'PVS_cache_storage', cache);
}
