import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { recordSpace } from '../storage/space.js';
import { srSpec } from '../storage/sr-attach.js';
import type { HostEntry } from './storage-records.js';

/**
 * Attaches on each host what it should have attached: a host forgets its SRs when it boots or this daemon does. A PBD
 * that cannot be attached is shown as such, as after a boot of the original with its storage away.
 */
export async function attachStorage(api: Api, hosts: readonly HostEntry[]): Promise<void> {
  const { db } = api;
  const attached = new Set<Ref<'SR'>>();
  for (const [host, physical] of hosts) {
    for (const pbd of db.get('host', host).PBDs) {
      const { SR: sr, device_config, currently_attached } = db.get('PBD', pbd);
      if (!currently_attached || !db.exists('SR', sr)) continue;
      try {
        await physical.storage.attach(srSpec(api, sr, host, device_config));
        attached.add(sr);
      } catch (thrown) {
        api.log.warn({ err: thrown, sr: db.get('SR', sr).uuid, host: physical.facts.uuid }, 'an SR cannot be attached');
        db.set('PBD', pbd, { currently_attached: false });
      }
    }
  }
  for (const sr of attached) await refreshSpace(api, sr, hosts);
}

async function refreshSpace(api: Api, sr: Ref<'SR'>, hosts: readonly HostEntry[]): Promise<void> {
  const { db } = api;
  const { uuid, PBDs } = db.get('SR', sr);
  const pluggedOn = new Set(PBDs.flatMap((pbd) => (db.get('PBD', pbd).currently_attached ? [db.get('PBD', pbd).host] : [])));
  const entry = hosts.find(([host]) => pluggedOn.has(host));
  if (!entry) return;
  try {
    const space = await entry[1].storage.space(uuid);
    if (db.exists('SR', sr)) recordSpace(db, sr, space);
  } catch (thrown) {
    api.log.warn({ err: thrown, sr: uuid }, 'the space of an SR is unknown');
  }
}
