import { restrictions } from './features.js';
import { LICENSE_SERVER, licenseParams } from './license.js';
import type { Persona } from './persona.js';
import { CPU_INFO_8_3 } from './processor.js';

const limits = restrictions('8.3');

/**
 * XenServer 8, for XenCenter.
 *
 * - XenCenter: the brand `XenServer` is its own. Platform versions from 3.2.50 switch it to updates from the net: it asks
 *   for `/updates` and Repository objects, and waits up to a minute for `get_updates` among the operations of the pool.
 *   From 3.3.50 free editions are nagged, hence a paid one. `is_preview_release` takes a line from its title.
 * - `xencenter_min` and `xencenter_max`: the real server writes 2.21; 2.20 lets the last public client connect too.
 * - CloudStack takes the three brands XenServer, XCP-ng and Citrix Hypervisor from version 6.4 on.
 */
export const xenServer8: Persona = {
  id: 'xenserver-8',
  title: 'XenServer 8',
  softwareVersion: {
    product_version: '8.4.0',
    product_version_text: '8',
    product_version_text_short: '8',
    platform_name: 'XCP',
    platform_version: '3.4.0',
    product_brand: 'XenServer',
    build_number: 'stream',
    git_id: '0',
    hostname: 'localhost',
    date: '20250210T15:42:23Z',
    dbv: '2024.0229',
    is_preview_release: 'false',
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
  licenseParams: licenseParams({ type: 'premium-per-socket', title: 'XenServer Premium Edition' }, limits),
  restrictions: limits,
  edition: 'premium-per-socket',
  editions: ['express', 'standard-per-socket', 'premium-per-socket'],
  licenseServer: LICENSE_SERVER,
  brand: { product: 'XenServer', company: 'Cloud Software Group, Inc.', toolsRepository: 'XenServer Tools' },
  capabilities: ['xen-3.0-x86_64', 'hvm-3.0-x86_32', 'hvm-3.0-x86_32p', 'hvm-3.0-x86_64', ''],
  virtualHardwarePlatformVersions: [0, 1, 2],
  supportedBootloaders: ['pygrub', 'eliloader'],
  chipsetInfo: { iommu: 'true' },
  cpuInfo: CPU_INFO_8_3,
};
