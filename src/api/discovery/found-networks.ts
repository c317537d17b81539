import type { Database } from '../../db/database.js';
import type { FoundBridge } from '../../host/network.js';
import type { Ref } from '../../model/ref.js';

/** The network with a bridge; undefined where no network has it. */
export function networkOfBridge(db: Database, bridge: string): Ref<'network'> | undefined {
  return db.filter('network', (network) => network.bridge === bridge)[0]?.[0];
}

/**
 * Makes networks for the bridges that somebody made on the host and that no network has yet: guests can be put into them, and
 * their makers go on to manage them.
 */
export function recordBridges(db: Database, bridges: readonly FoundBridge[]): void {
  db.transaction(() => {
    for (const { bridge, name, mtu } of bridges) {
      if (networkOfBridge(db, bridge)) continue;
      db.create('network', {
        name_label: name,
        name_description: `Bridge ${bridge}, found on the host`,
        bridge,
        MTU: mtu,
        managed: false,
      });
    }
  });
}

/** The network that a card of a found domain is in; one is made for a bridge that is not known. */
export function foundNetwork(db: Database, bridge: string): Ref<'network'> {
  const known = networkOfBridge(db, bridge);
  if (known) return known;
  recordBridges(db, [{ bridge, name: bridge, mtu: 1500, devices: [] }]);
  const made = networkOfBridge(db, bridge);
  if (!made) throw new Error(`no network came to be for bridge ${bridge}`);
  return made;
}
