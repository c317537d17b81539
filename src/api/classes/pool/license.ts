import { fromDateTime } from '../../../model/datetime.js';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { Call } from '../../call.js';
import { isLive } from '../../reach.js';
import { applyEdition } from '../host/license.js';
import type { PoolMessages } from './messages.js';

/** The lowest edition of the hosts, and when the first licence of that edition ends. */
function licenseState({ api }: Call): ReadonlyMap<string, string> {
  const { db, persona } = api;
  const hosts = [...db.all('host')].map(([, fields]) => fields);
  const rank = (edition: string) => persona.editions.indexOf(edition);
  const edition = hosts.map((host) => host.edition).sort((a, b) => rank(a) - rank(b))[0] ?? persona.edition;
  const dates = hosts
    .filter((host) => host.edition === edition)
    .map((host) => host.license_params.get('expiry') ?? 'never')
    .filter((date) => date !== 'never')
    .sort((a, b) => fromDateTime(a) - fromDateTime(b));
  return new Map([
    ['edition', edition],
    ['expiry', dates[0] ?? 'never'],
  ]);
}

/** Licence of the pool as a whole. */
export const licenseMessages: PoolMessages = {
  get_license_state: licenseState,
  apply_edition: ({ api }, _self, edition) =>
    api.db.transaction(() => {
      const hosts = [...api.db.table('host').rows.keys()] as Ref<'host'>[];
      const down = hosts.find((host) => !isLive(api.db, host));
      if (down) throw new ApiError('HOST_OFFLINE', down);
      for (const host of hosts) applyEdition(api, host, edition);
    }),
};
