import { LibvirtError } from 'node-libvirt';
import type { Session } from '../connection/session.js';

/** Any network, whether it is up or not. */
const ALL = 0;

/** Names of libvirt's networks by the bridge that each uses. Rejects when libvirt is away. */
export async function libvirtBridges(session: Pick<Session, 'read'>): Promise<ReadonlyMap<string, string>> {
  const { nets } = await session.read('CONNECT_LIST_ALL_NETWORKS', { need_results: 1, flags: ALL });
  const found = await Promise.all(
    nets.map(async (net): Promise<[string, string][]> => {
      try {
        return [[(await session.read('NETWORK_GET_BRIDGE_NAME', { net })).name, net.name]];
      } catch (thrown) {
        // One without a bridge, such as a pool of virtual functions, or one that is gone by now.
        if (thrown instanceof LibvirtError) return [];
        throw thrown;
      }
    }),
  );
  return new Map(found.flat());
}
