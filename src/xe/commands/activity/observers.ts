import type { Command } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { onUuid, printUuid } from '../support.js';

/** Files of the host, which status reports hold. */
const LOCAL_FILES = 'bugtool';

/** Settings of what parts of the system write traces, and where to. */
export const observerCommands: readonly Command[] = [
  {
    name: 'observer-create',
    required: ['name-label'],
    optional: ['host-uuids', 'name-description', 'enabled', 'attributes', 'endpoints', 'components'],
    description:
      'Has parts of the system write traces, and prints a uuid. Lists have commas between their items, attributes are key:value.',
    async run(context) {
      const { api, parameters } = context;
      const observer = await api.create('Observer', {
        name_label: parameters.required('name-label'),
        name_description: parameters.text('name-description', ''),
        hosts: parameters.commas('host-uuids').map((uuid) => api.byUuid('host', uuid)),
        attributes: new Map(parameters.commas('attributes').map(attribute)),
        endpoints: parameters.has('endpoints') ? parameters.commas('endpoints') : [LOCAL_FILES],
        components: parameters.commas('components'),
        enabled: parameters.boolean('enabled'),
      });
      printUuid(context, 'Observer', observer);
    },
  },
  {
    name: 'observer-destroy',
    required: ['uuid'],
    optional: [],
    description: 'Removes a setting of traces.',
    run: onUuid('Observer', 'destroy'),
  },
];

function attribute(text: string): [key: string, value: string] {
  const colon = text.indexOf(':');
  if (colon <= 0) throw new CommandFailure(`Failed to parse parameter 'attributes': expecting key:value, got ${text}`);
  return [text.slice(0, colon), text.slice(colon + 1)];
}
