import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Database } from '../../../db/database.js';
import type { Ref } from '../../../model/ref.js';
import type { Fields } from '../../../model/types.js';
import type { Api } from '../../api.js';

/** Where the server of disks listens. */
export interface DiskServer {
  /** An address of this machine, or 0.0.0.0 or :: for all. */
  readonly bind: string;
  readonly port: number;
}

/** Networks on which disks are offered. */
function offeringNetworks(db: Database): [string, Fields<'network'>][] {
  return db.filter('network', ({ purpose }) => purpose.length > 0);
}

/** Addresses that a host has on networks on which disks are offered. */
function addressesOn(db: Database, host: string, networks: ReadonlySet<string>): string[] {
  return db.get('host', host).PIFs.flatMap((ref) => {
    const pif = db.find('PIF', ref)?.fields;
    if (!pif?.currently_attached || !networks.has(pif.network)) return [];
    return [pif.IP, ...pif.IPv6].map((address) => address.replace(/\/.*$/, '')).filter(isReachable);
  });
}

/** Addresses of a link alone need a name of the client's own device beside them. */
function isReachable(address: string): boolean {
  return isIP(address) !== 0 && !/^fe[89ab]/i.test(address);
}

/** Addresses of this machine that others can use, those of IPv4 first. */
function ownAddresses(): { readonly address: string; readonly isInternal: boolean }[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .map(({ address, internal, family }) => ({ address, isInternal: internal, family }))
    .filter(({ address, isInternal }) => isInternal || isReachable(address))
    .sort((a, b) => a.family.localeCompare(b.family));
}

/**
 * Addresses at which clients reach the disks of a host: its own on the networks that offer disks, as far as the server listens
 * there. A host that is elsewhere, or emulated, is served by this machine.
 */
export function offeredAddresses({ db, diskServer }: Pick<Api, 'db' | 'diskServer'>, host: Ref<'host'>): string[] {
  if (!diskServer) return [];
  const networks = new Set(offeringNetworks(db).map(([ref]) => ref));
  const own = ownAddresses();
  const wanted = addressesOn(db, host, networks);
  const offered = wanted.flatMap((address) => {
    if (own.some((known) => known.address === address)) return covers(diskServer, address) ? [address] : [];
    return standIn(diskServer, own);
  });
  return [...new Set(offered)];
}

/** How clients must talk that have come to an address of this machine: undefined where no network offers disks. */
export function securityAt(api: Pick<Api, 'db' | 'diskServer'>, address: string): 'required' | 'optional' | undefined {
  const { db } = api;
  const networks = offeringNetworks(db);
  if (networks.length === 0) return undefined;
  const refs = new Set(networks.map(([ref]) => ref));
  const own = new Set(ownAddresses().map((known) => known.address));
  const isOffered = [...db.all('host')].some(([host]) =>
    addressesOn(db, host, refs).some((offered) => offered === address || !own.has(offered)),
  );
  if (!isOffered) return undefined;
  // The two purposes exclude each other; where a record has both all the same, the safe one holds.
  return networks.some(([, { purpose }]) => purpose.includes('nbd')) ? 'required' : 'optional';
}

/** Whether the server listens at an address of this machine. */
function covers({ bind }: DiskServer, address: string): boolean {
  if (bind === '::') return true;
  return bind === '0.0.0.0' ? isIP(address) === 4 : bind === address;
}

function standIn({ bind }: DiskServer, own: ReturnType<typeof ownAddresses>): string[] {
  if (bind === 'localhost') return ['127.0.0.1'];
  if (bind !== '0.0.0.0' && bind !== '::') return [bind];
  const outward = own.find(({ isInternal }) => !isInternal);
  return [outward?.address ?? '127.0.0.1'];
}
