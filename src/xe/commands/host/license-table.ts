import { fromDateTime } from '../../../model/datetime.js';
import type { RecordVersion } from '../../../model/record.js';

const HEADING = ['Hostname', 'UUID', 'Features', 'Edition', 'Expiry', 'Days left'];

/** Digits of a uuid that tell the hosts of a pool apart. */
const SHORT = 8;

const DAY = 86_400_000;

/**
 * Lines about the licenses of hosts and, without a license, of the pool; columns are filled up at the right. Features are
 * counted: those that are allowed, of those that there are.
 * @param now milliseconds since the epoch
 */
export function licenseTable(
  hosts: readonly RecordVersion<'host'>[],
  pools: readonly RecordVersion<'pool'>[],
  now: number,
): string[] {
  const rows = [
    HEADING,
    ...hosts.map(({ fields: { hostname, uuid, license_params: license, edition } }) => {
      const expiry = license.get('expiry') ?? 'never';
      return [hostname, uuid.slice(0, SHORT), features(license), edition, expiry, daysLeft(expiry, now)];
    }),
    ...pools.map(({ fields: { restrictions } }) => ['-', '-', features(restrictions), '-', '-', '-']),
  ];
  const widths = HEADING.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' '));
}

function features(restrictions: ReadonlyMap<string, string>): string {
  const all = [...restrictions].filter(([key]) => key.startsWith('restrict_'));
  return `${all.filter(([, restricted]) => restricted !== 'true').length}/${all.length}`;
}

function daysLeft(expiry: string, now: number): string {
  const end = fromDateTime(expiry);
  return Number.isNaN(end) ? '-' : String(Math.floor((end - now) / DAY));
}
