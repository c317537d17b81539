import type { StorageDriver } from '../../../storage.js';

const READS = ['SR_PROBE', 'SR_UPDATE', 'VDI_ATTACH', 'VDI_DETACH'];

/** What SRs can do that only show what is there. */
export const MEDIA_FEATURES: readonly string[] = [...READS, 'VDI_UPDATE'];

/** What SRs can do whose disks are chains of images. */
export const DISK_FEATURES: readonly string[] = [
  ...READS,
  'VDI_CREATE',
  'VDI_DELETE',
  'VDI_UPDATE',
  'VDI_GENERATE_CONFIG',
  'VDI_INTRODUCE',
  'VDI_RESIZE',
  'VDI_RESIZE_ONLINE',
  'VDI_SNAPSHOT',
  'VDI_CLONE',
  'VDI_REVERT',
  'VDI_MIRROR',
  'VDI_RESET_ON_BOOT',
  'VDI_CONFIG_CBT',
  'LARGE_VDI',
  'THIN_PROVISIONING',
];

interface Definition {
  readonly name: string;
  readonly description: string;
  readonly configuration: Readonly<Record<string, string>>;
  readonly features: readonly string[];
  readonly contentType?: string;
  readonly shareable?: boolean;
}

/** What clients learn of a driver. */
export function driverFacts(type: string, definition: Definition): StorageDriver {
  return {
    contentType: 'user',
    shareable: false,
    ...definition,
    type,
    vendor: 'XenAPI gateway',
    version: '1.0',
    configuration: new Map(Object.entries(definition.configuration)),
  };
}
