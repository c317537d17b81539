import { v4 } from 'uuid';
import { isNullRef, type Ref } from '../../model/ref.js';
import type { Api } from '../api.js';

/**
 * Where clients find a console. OpenXenManager cuts the scheme, the address and the path out by position, and Packer
 * wants a query right after `/console`.
 */
export function consoleLocation(address: string, uuid: string): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `https://${host}/console?uuid=${uuid}`;
}

/**
 * Gives a running VM its consoles. There is one: the screen where the host offers it, else the serial line, because
 * Packer fails on VMs that have two. A VM that boots a kernel of its own on the host has its text console too, as with the original.
 */
export function openConsoles(api: Api, vm: Ref<'VM'>, host: Ref<'host'>): void {
  const { db } = api;
  const { consoles, uuid, HVM_boot_policy } = db.get('VM', vm);
  const { address } = db.get('host', host);
  db.transaction(() => {
    for (const ref of consoles) {
      const { uuid: own } = db.get('console', ref);
      db.set('console', ref, { location: consoleLocation(address, own) });
    }
    if (consoles.length) return;
    const offered = api.hosts.find(host)?.console.protocols(uuid) ?? [];
    const [first, ...others] = [...offered].sort();
    const given = HVM_boot_policy === '' ? [first, ...others] : [first];
    for (const protocol of given) {
      if (!protocol) continue;
      const own = v4();
      db.create('console', { uuid: own, protocol, location: consoleLocation(address, own), VM: vm });
    }
  });
}

/** Removes the consoles of a VM that runs no longer: clients try again and again as long as they see one. */
export function closeConsoles({ db }: Api, vm: Ref<'VM'>): void {
  if (isNullRef(vm)) return;
  db.transaction(() => {
    for (const ref of db.get('VM', vm).consoles) db.destroy('console', ref);
  });
}
