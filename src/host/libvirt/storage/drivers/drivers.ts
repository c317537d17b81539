import { ApiError } from '../../../../model/error.js';
import { fileDriver } from './file-driver.js';
import { extDriver, xfsDriver } from './formatted-driver.js';
import { isoDriver } from './iso-driver.js';
import { lvmDriver } from './lvm-driver.js';
import { nfsDriver } from './nfs-driver.js';
import { hbaDriver, iscsiDriver } from './raw-unit-drivers.js';
import { smbDriver } from './smb-driver.js';
import type { SrDriver } from './sr-driver.js';
import { udevDriver } from './udev-driver.js';
import { lvmohbaDriver, lvmoiscsiDriver } from './unit-group-drivers.js';

/** The kinds of SR that a libvirt host serves, by type. */
export const DRIVERS: ReadonlyMap<string, SrDriver> = new Map(
  [
    ...[fileDriver, extDriver, xfsDriver, lvmDriver, nfsDriver, smbDriver, isoDriver, udevDriver],
    ...[lvmoiscsiDriver, lvmohbaDriver, iscsiDriver, hbaDriver],
  ].map((driver) => [driver.facts.type, driver]),
);

/** The driver of a type; throws SR_UNKNOWN_DRIVER. */
export function driverOf(type: string): SrDriver {
  const driver = DRIVERS.get(type);
  if (driver === undefined) throw new ApiError('SR_UNKNOWN_DRIVER', type);
  return driver;
}
