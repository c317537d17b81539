import { ApiError } from '../../../../model/error.js';
import { fileDriver } from './file-driver.js';
import { isoDriver } from './iso-driver.js';
import type { SrDriver } from './sr-driver.js';

/** The kinds of SR that a libvirt host serves, by type. */
export const DRIVERS: ReadonlyMap<string, SrDriver> = new Map(
  [fileDriver, isoDriver].map((driver) => [driver.facts.type, driver]),
);

/** The driver of a type; throws SR_UNKNOWN_DRIVER. */
export function driverOf(type: string): SrDriver {
  const driver = DRIVERS.get(type);
  if (driver === undefined) throw new ApiError('SR_UNKNOWN_DRIVER', type);
  return driver;
}
