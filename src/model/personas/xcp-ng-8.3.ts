import { restrictions } from './features.js';
import { LICENSE_SERVER, licenseParams } from './license.js';
import type { Persona } from './persona.js';
import { CPU_INFO_8_3 } from './processor.js';

const limits = restrictions('8.3');

/**
 * XCP-ng 8.3, the default.
 *
 * - Xen Orchestra: the brand `XCP-ng` makes it ask the `updater.py` plug-in for patches and judge reboots by
 *   other_config; product version 8.3.0 opens its screens for TPM and secure boot; platform version 3.4 makes it use
 *   `platform:nested-virt`. `restrict_zstd_export` and `restrict_vtpm` are "false" for the same reason.
 * - XCP-ng Center: only its own brand is accepted. XenCenter of Citrix leaves again at once.
 * - The XenCenter family refuses a server whose `xencenter_min` is above its own API version, and warns if
 *   `xencenter_max` is. XCP-ng itself writes 2.21 here and so shuts out clients of 2023, which work: 2.20 lets them in.
 */
export const xcpNg83: Persona = {
  id: 'xcp-ng-8.3',
  title: 'XCP-ng 8.3',
  softwareVersion: {
    product_version: '8.3.0',
    product_version_text: '8.3',
    product_version_text_short: '8.3',
    platform_name: 'XCP',
    platform_version: '3.4.0',
    product_brand: 'XCP-ng',
    build_number: '8.3.0',
    git_id: '0',
    hostname: 'localhost',
    date: '20250210T15:42:23Z',
    dbv: '0.0.1',
    xapi: '25.6',
    xapi_build: '25.6.0',
    xen: '4.17.5-6',
    linux: '4.19.0+1',
    xencenter_min: '2.20',
    xencenter_max: '2.20',
    network_backend: 'openvswitch',
    db_schema: '5.786',
  },
  apiVersion: { major: 2, minor: 21, vendor: 'XenSource', vendorImplementation: {} },
  licenseParams: licenseParams({ type: 'xcp-ng', title: 'XCP-ng' }, limits),
  restrictions: limits,
  edition: 'xcp-ng',
  editions: ['xcp-ng'],
  licenseServer: LICENSE_SERVER,
  brand: { product: 'XCP-ng', company: 'XCP-ng', toolsRepository: 'XCP-ng Tools' },
  capabilities: ['xen-3.0-x86_64', 'hvm-3.0-x86_32', 'hvm-3.0-x86_32p', 'hvm-3.0-x86_64', ''],
  virtualHardwarePlatformVersions: [0, 1, 2],
  supportedBootloaders: ['pygrub', 'eliloader'],
  chipsetInfo: { iommu: 'true' },
  cpuInfo: CPU_INFO_8_3,
};
