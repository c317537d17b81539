import { restrictions } from './features.js';
import { LICENSE_SERVER, licenseParams } from './license.js';
import type { Persona } from './persona.js';
import { CPU_INFO_8_2 } from './processor.js';

const limits = restrictions('8.2');

/**
 * Citrix Hypervisor 8.2 with Cumulative Update 1: the quietest one for XenCenter.
 *
 * - XenCenter takes the brand `Citrix Hypervisor` whatever its own brand is. Below platform version 3.2.50 it shows the
 *   classic wizard for updates and asks nothing of the net service. It wants 2.9.50 at least on every member.
 * - API 2.15: clients made for newer versions switch the newest features off.
 * - Xen Orchestra takes patches of this brand from a public address and not from the plug-in, and sets
 *   `platform:exp-nested-hvm`, because the platform is older than 3.4.
 */
export const citrixHypervisor82: Persona = {
  id: 'citrix-hypervisor-8.2',
  title: 'Citrix Hypervisor 8.2 CU1',
  softwareVersion: {
    product_version: '8.2.1',
    product_version_text: '8.2 CU1',
    product_version_text_short: '8.2 CU1',
    platform_name: 'XCP',
    platform_version: '3.2.1',
    product_brand: 'Citrix Hypervisor',
    build_number: 'release/yangtze/master/58',
    hostname: 'localhost',
    date: '2021-12-03',
    dbv: '0.0.1',
    xapi: '1.20',
    xen: '4.13.4-9.17',
    linux: '4.19.0+1',
    xencenter_min: '2.15',
    xencenter_max: '2.15',
    network_backend: 'openvswitch',
    db_schema: '5.603',
  },
  apiVersion: { major: 2, minor: 15, vendor: 'XenSource', vendorImplementation: {} },
  licenseParams: licenseParams({ type: 'enterprise-per-socket', title: 'Citrix Hypervisor Premium Edition' }, limits),
  restrictions: limits,
  edition: 'enterprise-per-socket',
  editions: ['free', 'standard-per-socket', 'enterprise-per-socket', 'desktop', 'desktop-plus', 'desktop-cloud'],
  licenseServer: LICENSE_SERVER,
  brand: { product: 'Citrix Hypervisor', company: 'Citrix Systems, Inc.', toolsRepository: 'XenServer Tools' },
  capabilities: ['xen-3.0-x86_64', 'xen-3.0-x86_32p', 'hvm-3.0-x86_32', 'hvm-3.0-x86_32p', 'hvm-3.0-x86_64', ''],
  virtualHardwarePlatformVersions: [0, 1, 2],
  supportedBootloaders: ['pygrub', 'eliloader'],
  chipsetInfo: { iommu: 'true' },
  cpuInfo: CPU_INFO_8_2,
};
