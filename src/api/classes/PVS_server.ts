import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import { type ClassBehaviour, type Handler, storedOnly } from '../behaviour.js';
import type { Call } from '../call.js';
import { assertAnyAddress, assertPort } from '../network/address-checks.js';
import { assertVirtualSwitch } from '../network/virtual-switch.js';

const introduce: Handler<'PVS_server', 'introduce'> = storedOnly(
  (
    { api }: Call,
    addresses: readonly string[],
    first_port: number,
    last_port: number,
    site: Ref<'PVS_site'>,
  ): Ref<'PVS_server'> => {
    const { db } = api;
    assertVirtualSwitch(api, api.localHost);
    for (const address of addresses) assertAnyAddress('addresses', address);
    const known = new Set([...db.all('PVS_server')].flatMap(([, server]) => server.addresses));
    const used = addresses.filter((address) => known.has(address));
    if (used.length) throw new ApiError('PVS_SERVER_ADDRESS_IN_USE', ...used);
    assertPort('first_port', first_port);
    assertPort('last_port', last_port);
    if (last_port < first_port)
      throw new ApiError('VALUE_NOT_SUPPORTED', 'last_port', String(last_port), 'last_port smaller than first_port');
    if (!db.exists('PVS_site', site)) throw new ApiError('INVALID_VALUE', 'site', site);
    return db.create('PVS_server', { addresses: [...new Set(addresses)], first_port, last_port, site });
  },
);

/** Servers of a provisioning site. */
export const PVS_server: ClassBehaviour<'PVS_server'> = {
  messages: { introduce, forget: ({ api: { db } }, self) => db.destroy('PVS_server', self) },
};
