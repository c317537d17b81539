import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { CommandContext } from '../../command.js';
import { CommandFailure } from '../../failure.js';
import { sessionHost } from '../support.js';

/** Keys of a license server, and the parameters that change them. */
const KEYS = [
  ['address', 'license-server-address'],
  ['port', 'license-server-port'],
] as const;

const LAST_PORT = 65_535;

/**
 * Has hosts ask the license server that the command line names, then lets the edition be applied. When no license is to be had
 * there, the hosts go back to the server that they had; of an edition that does not exist the valid ones are told.
 * Rejects with what applying it rejects with, and with CommandFailure for a port that is none.
 */
export async function withLicenseServer(
  context: CommandContext,
  hosts: readonly Ref<'host'>[],
  apply: () => Promise<void>,
): Promise<void> {
  const { api, parameters, printer } = context;
  assertPort(parameters.find('license-server-port'));
  const before = hosts.map((host) => ({ host, server: api.get('host', host, 'license_server') }));
  for (const [key, parameter] of KEYS) {
    const value = parameters.find(parameter);
    if (value === undefined) continue;
    for (const { host } of before) {
      await api.removeFrom('host', host, 'license_server', key);
      await api.addTo('host', host, 'license_server', key, value);
    }
  }
  try {
    await apply();
  } catch (thrown) {
    if (!(thrown instanceof ApiError)) throw thrown;
    if (thrown.code === 'INVALID_EDITION')
      printer.note(`Valid editions are: ${api.get('host', sessionHost(api), 'editions').join(', ')}`);
    if (thrown.code === 'LICENSE_CHECKOUT_ERROR')
      for (const { host, server } of before) await api.set('host', host, 'license_server', server);
    throw thrown;
  }
}

function assertPort(text: string | undefined): void {
  if (text === undefined || (/^\d+$/.test(text) && Number(text) <= LAST_PORT)) return;
  throw new CommandFailure(`The port of a license server is a number up to ${LAST_PORT}, not ${text}`);
}
