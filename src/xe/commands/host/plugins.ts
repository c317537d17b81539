import type { Command } from '../../command.js';
import { pluginArguments } from '../plugin-arguments.js';
import { refOf } from '../support.js';

/** Programs that hosts run for their clients. */
export const hostPluginCommands: readonly Command[] = [
  {
    name: 'host-call-plugin',
    required: ['host-uuid', 'plugin', 'fn'],
    optional: ['args:'],
    description:
      'Calls a function of a plugin of a host with args:key=value, or args:key:file=path for the content of a file, and prints its answer.',
    async run(context) {
      const { api, parameters, printer } = context;
      const host = refOf(context, 'host', 'host-uuid');
      const [plugin, fn] = [parameters.required('plugin'), parameters.required('fn')];
      printer.lines(await api.call('host', 'call_plugin', host, plugin, fn, await pluginArguments(context)));
    },
  },
];
