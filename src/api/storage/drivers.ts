import type { Patch } from '../../db/database.js';
import type { StorageDriver } from '../../host/storage.js';
import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';

/** Version of the storage interface that the hosts' drivers speak, as clients know it. */
const API_VERSION = '1.0';

/**
 * Brings the SM records in line with the drivers that the hosts have: the pool has a driver with the features that all
 * of its reachable hosts offer. Drivers that no host has any more go, unless no host can be asked.
 */
export function syncStorageDrivers(api: Api): void {
  const { db } = api;
  const offered = offeredDrivers(api);
  if (!offered.size) return;
  db.transaction(() => {
    const known = new Map<string, Ref<'SM'>>();
    for (const [ref, { type }] of [...db.all('SM')]) {
      if (offered.has(type)) known.set(type, ref);
      else db.destroy('SM', ref);
    }
    for (const [type, driver] of offered) {
      const ref = known.get(type);
      if (ref) db.set('SM', ref, driverFields(driver));
      else db.create('SM', driverFields(driver));
    }
  });
}

/** Drivers by type, of several hosts' the common features. */
function offeredDrivers(api: Api): Map<string, StorageDriver> {
  const offered = new Map<string, StorageDriver>();
  for (const [, host] of api.hosts.entries()) {
    for (const driver of host.storage.drivers()) {
      const other = offered.get(driver.type);
      const features = other ? other.features.filter((feature) => driver.features.includes(feature)) : driver.features;
      offered.set(driver.type, { ...driver, features });
    }
  }
  return offered;
}

function driverFields(driver: StorageDriver): Patch<'SM'> {
  return {
    type: driver.type,
    name_label: driver.name,
    name_description: driver.description,
    vendor: driver.vendor,
    version: driver.version,
    required_api_version: API_VERSION,
    configuration: driver.configuration,
    capabilities: [...driver.features],
    features: new Map(driver.features.map((feature) => [feature, 1])),
  };
}
