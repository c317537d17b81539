import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { Api } from '../../api.js';
import { refused } from '../../behaviour.js';
import { reach } from '../../reach.js';
import type { HostMessages } from './messages.js';

/**
 * Puts an edition of the persona in force on a host; the empty name stands for the usual one. Throws INVALID_EDITION for
 * any other.
 */
export function applyEdition(api: Api, host: Ref<'host'>, name: string): void {
  const { db, persona } = api;
  const edition = name === '' ? persona.edition : name;
  if (!persona.editions.includes(edition)) throw new ApiError('INVALID_EDITION', edition);
  db.transaction(() => {
    const params = new Map(Object.entries(persona.licenseParams));
    params.set('sockets', db.get('host', host).cpu_info.get('socket_count') ?? '0');
    if (edition !== persona.edition) params.set('sku_type', edition);
    db.set('host', host, { edition, license_params: params });
    updateRestrictions(api);
  });
}

/** A feature is off for the pool when it is off on one of its hosts. */
export function updateRestrictions({ db, pool, persona }: Api): void {
  const hosts = [...db.all('host')].map(([, fields]) => fields.license_params);
  const restrictions = new Map(Object.entries(persona.restrictions));
  for (const key of restrictions.keys()) {
    const values = hosts.map((params) => params.get(key)).filter((value) => value !== undefined);
    if (!values.length) continue;
    // Named in the positive, in contrast to all others.
    const on = key === 'enable_xha' ? values.every((value) => value === 'true') : values.some((value) => value === 'true');
    restrictions.set(key, String(on));
  }
  db.set('pool', pool, { restrictions });
}

/** Editions. Nothing is paid for, and no licence file says anything here. */
export const licenseMessages: HostMessages = {
  apply_edition: ({ api }, host, edition) => {
    reach(api, host);
    applyEdition(api, host, edition);
  },
  license_add: refused('LICENSE_PROCESSING_ERROR'),
  license_remove: ({ api }, host) => {
    reach(api, host);
    applyEdition(api, host, '');
  },
  set_license_params: ({ api }, self, params) =>
    api.db.transaction(() => {
      api.db.set('host', self, { license_params: params });
      updateRestrictions(api);
    }),
  refresh_pack_info: ({ api }, host) => {
    reach(api, host);
    api.db.set('host', host, { software_version: new Map(Object.entries(api.persona.softwareVersion)) });
  },
};
