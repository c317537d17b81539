import type { Host } from '../../host/host.js';
import type { Unsubscribe } from '../../host/progress.js';
import { toDateTime } from '../../model/datetime.js';
import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { attachStorage } from '../inventory/attach-storage.js';
import { refreshControlDomain } from '../inventory/control-domain.js';
import { startTimes } from '../inventory/host-records.js';
import { ensureBridges, refreshPifs } from '../inventory/network-records.js';
import { startAutomatically } from './automatic-start.js';
import { reconcileHost } from './reconcile.js';

/** Follows power and network cards of one host. */
export function watchHost(api: Api, ref: Ref<'host'>, host: Host): Unsubscribe {
  const background = (what: string, work: () => Promise<void>): void => {
    work().catch((thrown: unknown) => api.log.error({ err: thrown, host: host.facts.uuid }, what));
  };
  const stops = [
    host.power.onLive((live) => {
      if (live) background('a host that came up could not be taken in', () => cameUp(api, ref, host));
      else wentDown(api, ref);
    }),
    host.network.onChange(() => background('network cards of a host could not be read', () => refreshPifs(api.db, ref, host))),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Its domains are told of one by one; here it is the host alone. */
function wentDown({ db }: Api, ref: Ref<'host'>): void {
  const record = db.find('host', ref)?.fields;
  if (!record) return;
  db.transaction(() => {
    db.set('host', ref, { enabled: false });
    if (db.exists('host_metrics', record.metrics))
      db.set('host_metrics', record.metrics, { live: false, last_updated: toDateTime() });
  });
}

/** A host that has booted has forgotten bridges and attached storage. It takes VMs again when it has both. */
async function cameUp(api: Api, ref: Ref<'host'>, host: Host): Promise<void> {
  const { db } = api;
  if (!db.exists('host', ref)) return;
  await ensureBridges(db, ref, host);
  await refreshPifs(db, ref, host);
  await attachStorage(api, [[ref, host]]);
  await reconcileHost(api, ref, host);
  const record = db.find('host', ref)?.fields;
  if (!record) return;
  db.transaction(() => {
    refreshControlDomain(db, ref, host);
    db.set('host', ref, { enabled: true, other_config: new Map([...record.other_config, ...startTimes(host.facts)]) });
    if (db.exists('host_metrics', record.metrics))
      db.set('host_metrics', record.metrics, { live: true, last_updated: toDateTime() });
  });
  await startAutomatically(api);
}
