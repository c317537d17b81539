import type { Host } from '../../host/host.js';
import type { Unsubscribe } from '../../host/progress.js';
import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { withAddresses, withPathCounts } from '../storage/path-counts.js';
import { pbdsOf } from '../storage/placement.js';
import type { PathAlerts } from './path-alerts.js';

/** Keeps in the PBDs of a host how it reaches its SRs on storage networks, until it is stopped. */
export function followPaths(api: Api, ref: Ref<'host'>, { storage }: Host, alerts: PathAlerts): Unsubscribe {
  const { paths } = storage;
  if (paths === undefined) return () => undefined;
  const { db } = api;
  const write = (pbd: Ref<'PBD'>, sr: string): void => {
    const now = paths.of(sr);
    const { other_config: before, device_config } = db.get('PBD', pbd);
    const [after, reached] = [withPathCounts(before, now), withAddresses(device_config, now)];
    if (after === before && reached === device_config) return;
    db.set('PBD', pbd, { other_config: after, device_config: reached });
    alerts.note(pbd, before, after);
  };
  const stop = paths.onChange((uuid) => {
    const sr = db.table('SR').refsByUuid.get(uuid);
    if (sr === undefined || !db.exists('SR', sr)) return;
    for (const [pbd, { host }] of pbdsOf(db, sr)) if (host === ref) write(pbd, uuid);
  });
  // What has changed while nobody looked, and what an SR has left that could not be attached.
  for (const pbd of db.get('host', ref).PBDs) {
    const sr = db.find('SR', db.get('PBD', pbd).SR)?.fields.uuid;
    if (sr !== undefined) write(pbd, sr);
  }
  return stop;
}
