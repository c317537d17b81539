import { SR_TYPES, type SrType } from '../../../sr-types/sr-types.js';
import type { StorageDriver } from '../../../storage.js';

/** What clients learn of a driver: what is true of its kind of SR everywhere, with what it can do here. */
export function knownFacts(type: SrType, features: readonly string[]): StorageDriver {
  const { configuration, ...facts } = SR_TYPES[type];
  return {
    ...facts,
    type,
    vendor: 'XenAPI gateway',
    version: '1.0',
    features,
    configuration: new Map(Object.entries(configuration)),
  };
}
