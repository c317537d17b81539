import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import type { Api } from '../api.js';
import { consoleLocation } from '../world/console-records.js';

/** The address of an interface of the kind that it prefers; empty when it has none. */
export function primaryAddress({ primary_address_type: family, IP, IPv6 }: Fields<'PIF'>): string {
  if (family === 'IPv4') return IP;
  return (IPv6.find((address) => address !== '' && !/^fe80/i.test(address)) ?? '').replace(/\/.*$/, '');
}

/** Writes that a host is managed over an interface, which is up: clients look for it and for its consoles there. */
export function manageOver({ db }: Api, ref: Ref<'PIF'>): void {
  db.transaction(() => {
    const pif = db.get('PIF', ref);
    const host = db.get('host', pif.host);
    for (const other of host.PIFs) db.set('PIF', other, { management: other === ref });
    const address = primaryAddress(pif);
    if (address === '' || address === host.address) return;
    db.set('host', pif.host, { address });
    for (const vm of host.resident_VMs)
      for (const console of db.find('VM', vm)?.fields.consoles ?? [])
        db.set('console', console, { location: consoleLocation(address, db.get('console', console).uuid) });
  });
}
