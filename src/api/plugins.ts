import type { Host } from '../host/host.js';
import { ApiError } from '../model/error.js';
import type { Ref } from '../model/ref.js';
import type { Call } from './call.js';
import { reach } from './reach.js';

/** What one function of an add-on answers. */
type PluginFunction = (host: Host, args: ReadonlyMap<string, string>) => string | Promise<string>;

/**
 * Add-ons that clients ask every host for. Each answers what is true of a host here; whatever would have to be made up
 * is left out, and clients take the error for it as "not there".
 */
const plugins: ReadonlyMap<string, ReadonlyMap<string, PluginFunction>> = new Map([
  // The host's own system is kept up to date by its distribution, never through this server: nothing waits.
  ['updater.py', new Map<string, PluginFunction>([['check_update', () => '[]']])],
  [
    'hyperthreading.py',
    new Map<string, PluginFunction>([['get_hyperthreading', ({ facts }) => String(facts.cpu.threadsPerCore > 1)]]),
  ],
]);

/**
 * Calls a function of an add-on of a host. Throws XENAPI_MISSING_PLUGIN for an add-on that is not there, and
 * XENAPI_PLUGIN_FAILURE for a function that it lacks.
 */
export async function callPlugin(
  call: Call,
  host: Ref<'host'>,
  plugin: string,
  name: string,
  args: ReadonlyMap<string, string>,
): Promise<string> {
  const physical = reach(call.api, host);
  const functions = plugins.get(plugin);
  if (!functions) throw new ApiError('XENAPI_MISSING_PLUGIN', plugin);
  const found = functions.get(name);
  if (!found) throw new ApiError('XENAPI_PLUGIN_FAILURE', 'fault', 'UNKNOWN_XENAPI_PLUGIN_FUNCTION', name);
  return found(physical, args);
}
