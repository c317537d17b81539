import type { Database } from '../db/database.js';
import type { Host } from '../host/host.js';
import { ApiError } from '../model/error.js';
import type { Ref } from '../model/ref.js';
import type { Api } from './api.js';

/** Whether a host is up, as its measurements say. One without measurements has never been down. */
export function isLive(db: Database, host: string): boolean {
  const record = db.find('host', host);
  if (!record) return false;
  return db.find('host_metrics', record.fields.metrics)?.fields.live ?? true;
}

/**
 * The host behind an object, for work that it does itself. Throws HOST_OFFLINE for one that is down or cannot be reached,
 * and for a reference to no host at all, because the original looks at nothing else before it passes a call on.
 */
export function reach({ db, hosts }: Pick<Api, 'db' | 'hosts'>, host: Ref<'host'>): Host {
  const physical = hosts.find(host);
  if (!physical || !isLive(db, host)) throw new ApiError('HOST_OFFLINE', host);
  return physical;
}
