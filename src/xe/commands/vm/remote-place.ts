import { asRef, type Ref } from '../../../model/ref.js';
import type { ClassName } from '../../../model/types.js';
import { CommandFailure } from '../../failure.js';
import type { RemotePool, RemoteRecord } from './remote-pool.js';

/** Where in another pool a VM goes. */
export interface Place {
  readonly host: Ref<'host'>;
  readonly hostName: string;
  /** The network that its memory and disks go over. */
  readonly network: Ref<'network'>;
  readonly networkName: string;
}

type Entry<C extends ClassName> = readonly [ref: Ref<C>, record: RemoteRecord];

/**
 * A host and a network of another pool, each by name or uuid: without, any host and the network of its management.
 * Rejects with CommandFailure when there is none of that name.
 */
export async function placeIn(remote: RemotePool, hostName?: string, networkName?: string): Promise<Place> {
  const [host, hostRecord] = named(await remote.records('host'), 'host', hostName, ['uuid', 'hostname', 'name_label']);
  const networks = await remote.records('network');
  const wanted = networkName ?? networks.get(await managementNetwork(remote, host))?.uuid;
  const [network, networkRecord] = named(networks, 'network', String(wanted), ['uuid', 'bridge', 'name_label']);
  return { host, hostName: String(hostRecord.name_label), network, networkName: String(networkRecord.name_label) };
}

function named<C extends ClassName>(
  all: ReadonlyMap<Ref<C>, RemoteRecord>,
  word: string,
  name: string | undefined,
  keys: readonly string[],
): Entry<C> {
  const [first] = [...all].filter(([, record]) => name === undefined || keys.some((key) => record[key] === name));
  if (!first) throw new CommandFailure(`The other pool has no ${word} ${name ?? ''}`);
  return first;
}

async function managementNetwork(remote: RemotePool, host: Ref<'host'>): Promise<Ref<'network'>> {
  for (const pif of (await remote.records('PIF')).values())
    if (pif.host === host && pif.management === true) return asRef(String(pif.network));
  throw new CommandFailure('The host in the other pool has no management interface: name a network with remote-network');
}

/** The SR of a host of another pool that has most room: a shared one where it has any. */
export async function roomiestSr(remote: RemotePool, host: Ref<'host'>): Promise<Ref<'SR'>> {
  const srs = await remote.records('SR');
  const attached = [...(await remote.records('PBD')).values()].filter(
    (pbd) => pbd.host === host && pbd.currently_attached === true,
  );
  const candidates = attached.flatMap((pbd): Entry<'SR'>[] => {
    const ref = asRef<'SR'>(String(pbd.SR));
    const sr = srs.get(ref);
    return sr && sr.content_type !== 'iso' && sr.content_type !== 'disk' ? [[ref, sr]] : [];
  });
  const [best] = candidates.sort(([, a], [, b]) => Number(b.shared) - Number(a.shared) || room(b) - room(a));
  if (!best) throw new CommandFailure('The host in the other pool has no SR for the disks');
  return best[0];
}

/** Bytes. */
function room(sr: RemoteRecord): number {
  return Number(sr.physical_size) - Number(sr.physical_utilisation);
}
