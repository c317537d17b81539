import type { Database } from '../../../db/database.js';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { Handler } from '../../behaviour.js';
import { driverFeatures } from '../../storage/driver-features.js';
import { isPluggedOn, pbdsOf } from '../../storage/placement.js';

const KIB = 1024;
const MIB = 1024 * KIB;
/** A global section and one per host of the largest pool. */
const STATEFILE_SIZE = 4 * KIB + 64 * 4 * KIB;
/** Drivers make no smaller disks than this, and multiples of it. */
const GRAIN = 4 * MIB;
/** With the statefile and what an empty SR takes, 4 GB: the size of SR that people are told to make. */
const REDO_LOG_SIZE = (Math.floor(4e9 / GRAIN) - 2) * GRAIN;

/** SR.assert_can_host_ha_statefile: everybody must see it, its disks must work without the database, and have room. */
export const assertCanHostStatefile: Handler<'SR', 'assert_can_host_ha_statefile'> = ({ api: { db } }, self) => {
  assertEverywhere(db, self);
  const features = driverFeatures(db, db.get('SR', self).type);
  if (!features.has('VDI_GENERATE_CONFIG') && !features.has('VDI_ATTACH_OFFLINE'))
    throw new ApiError('SR_OPERATION_NOT_SUPPORTED', self);
  const { VDIs, physical_size, physical_utilisation } = db.get('SR', self);
  const needed = roundUp(STATEFILE_SIZE) + roundUp(REDO_LOG_SIZE);
  for (const [type, size] of [
    ['ha_statefile', STATEFILE_SIZE],
    ['redo_log', REDO_LOG_SIZE],
  ] as const) {
    const there = VDIs.some((vdi) => {
      const fields = db.find('VDI', vdi)?.fields;
      return fields?.type === type && fields.virtual_size >= size;
    });
    if (!there && physical_size - physical_utilisation < needed) throw new ApiError('SR_SOURCE_SPACE_INSUFFICIENT', self);
  }
};

/** Throws SR_HAS_NO_PBDS unless every host of the pool has the SR attached. */
export function assertEverywhere(db: Database, sr: Ref<'SR'>): void {
  const pbds = pbdsOf(db, sr);
  const hosts = new Set(pbds.map(([, pbd]) => pbd.host));
  const complete = hosts.size >= db.table('host').rows.size && pbds.every(([, pbd]) => pbd.currently_attached);
  if (!complete) throw new ApiError('SR_HAS_NO_PBDS', sr);
}

function roundUp(size: number): number {
  return Math.ceil(size / GRAIN) * GRAIN;
}

/** SR.get_live_hosts: hosts that are up, take VMs, and have the SR attached. */
export const liveHosts: Handler<'SR', 'get_live_hosts'> = ({ api: { db } }, self) =>
  db
    .filter('host', (host) => host.enabled && (db.find('host_metrics', host.metrics)?.fields.live ?? false))
    .map(([ref]) => ref)
    .filter((host) => isPluggedOn(db, self, host));
