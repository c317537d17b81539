import type { Host } from '../../host/host.js';
import { fromDateTime, toDateTime } from '../../model/datetime.js';
import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';

/** Milliseconds between two events about the memory of a host, however often it changes. */
const CHANGED_EVERY = 15_000;
/** Milliseconds after which a host shows a sign of life although nothing changed. */
const UNCHANGED_EVERY = 60_000;

/**
 * Writes the free memory of a host, at most every 15 seconds, and a new last_updated at least every minute. Nothing is
 * written of single VMs: the metric archives have what moves, and each write is an event for every client.
 */
export async function measureHost(api: Api, ref: Ref<'host'>, host: Host, now: number = Date.now()): Promise<void> {
  const { db } = api;
  const metrics = db.find('host', ref)?.fields.metrics;
  if (metrics === undefined) return;
  const before = db.find('host_metrics', metrics)?.fields;
  if (!before?.live) return;
  const age = now - fromDateTime(before.last_updated);
  if (age >= 0 && age < CHANGED_EVERY) return;
  const free = await host.freeMemory();
  if (free === before.memory_free && age >= 0 && age < UNCHANGED_EVERY) return;
  if (db.exists('host_metrics', metrics)) db.set('host_metrics', metrics, { memory_free: free, last_updated: toDateTime(now) });
}
