import type { Database } from '../../db/database.js';
import type { Storage, VolumeAddress } from '../../host/storage.js';
import { ApiError } from '../../model/error.js';
import { isNullRef, type Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import type { Api } from '../api.js';

/** PBDs of an SR that are there, with their fields. */
export function pbdsOf(db: Database, sr: string): [Ref<'PBD'>, Fields<'PBD'>][] {
  const found: [Ref<'PBD'>, Fields<'PBD'>][] = [];
  for (const ref of db.get('SR', sr).PBDs) {
    const pbd = db.find('PBD', ref);
    if (pbd) found.push([ref, pbd.fields]);
  }
  return found;
}

/** Hosts that have the SR attached. */
export function pluggedHosts(db: Database, sr: string): Ref<'host'>[] {
  return pbdsOf(db, sr)
    .filter(([, pbd]) => pbd.currently_attached)
    .map(([, pbd]) => pbd.host);
}

/** Whether a host has the SR attached. */
export function isPluggedOn(db: Database, sr: string, host: string): boolean {
  return pluggedHosts(db, sr).includes(host as Ref<'host'>);
}

/** Throws SR_HAS_NO_PBDS when no host has the SR attached. */
export function assertPlugged(db: Database, sr: string): void {
  if (!pluggedHosts(db, sr).length) throw new ApiError('SR_HAS_NO_PBDS', sr);
}

/**
 * A host that can work on an SR: one that has it attached, this daemon's own before others. Throws SR_HAS_NO_PBDS when
 * there is none, HOST_OFFLINE when none of them can be reached.
 */
export function hostForSr(api: Api, sr: string): Ref<'host'> {
  const hosts = pluggedHosts(api.db, sr);
  const [first] = hosts;
  if (first === undefined) throw new ApiError('SR_HAS_NO_PBDS', sr);
  if (hosts.includes(api.localHost) && api.hosts.find(api.localHost)) return api.localHost;
  const host = hosts.find((ref) => api.hosts.find(ref));
  if (host === undefined) throw new ApiError('HOST_OFFLINE', first);
  return host;
}

/** The storage side of a host that has the SR attached. Throws as `hostForSr`. */
export function storageForSr(api: Api, sr: string): Storage {
  return api.hosts.get(hostForSr(api, sr)).storage;
}

/**
 * The storage side of a host that can work on a VDI: the one whose VM uses it, for that one has it open, else any with
 * the SR attached. Throws as `hostForSr`.
 */
export function storageForVdi(api: Api, vdi: string): Storage {
  const { SR, VBDs } = api.db.get('VDI', vdi);
  for (const ref of VBDs) {
    const vbd = api.db.find('VBD', ref)?.fields;
    const host = vbd?.currently_attached ? api.db.find('VM', vbd.VM)?.fields.resident_on : undefined;
    if (host === undefined || isNullRef(host) || !isPluggedOn(api.db, SR, host)) continue;
    const physical = api.hosts.find(host);
    if (physical) return physical.storage;
  }
  return storageForSr(api, SR);
}

/** A host that has both SRs attached and can be reached, or undefined. */
export function hostForBoth(api: Api, one: string, other: string): Ref<'host'> | undefined {
  const hosts = pluggedHosts(api.db, one).filter((host) => isPluggedOn(api.db, other, host) && api.hosts.find(host));
  return hosts.includes(api.localHost) ? api.localHost : hosts[0];
}

/** Where the storage layer finds a VDI. Throws HANDLE_INVALID for a VDI or an SR that is not there. */
export function volumeAddress(api: Api, vdi: string): VolumeAddress {
  const { SR, location } = api.db.get('VDI', vdi);
  return { sr: api.db.get('SR', SR).uuid, location };
}
