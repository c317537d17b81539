import { restrictions } from './features.js';
import { LICENSE_SERVER, licenseParams } from './license.js';
import type { Persona } from './persona.js';
import { CPU_INFO_XCP } from './processor.js';

const limits = restrictions('xcp');

/**
 * Xen Cloud Platform 1.6, the last one, for OpenXenManager and other clients of its time.
 *
 * - OpenXenManager reads `product_version`, `build_number` and `date` without a check. XCP left `product_*` out; they are
 *   here so that its page of a host opens, and because Ansible and Xen Orchestra read them too.
 * - API 1.10: clients of .NET stay with JSON-RPC 1.0; the C library of that time uses event.register and event.next. XenCenter
 *   since 2017 refuses it (2.6 is its least).
 * - Below platform version 2.1.1 Xen Orchestra takes every key with one colon for a supplemental pack and expects
 *   "text, version X" in it.
 * - `db_schema` and `xapi_build` did not exist.
 */
export const xcp16: Persona = {
  id: 'xcp-1.6',
  title: 'Xen Cloud Platform 1.6',
  softwareVersion: {
    product_version: '1.6.10',
    product_version_text: '1.6',
    product_version_text_short: '1.6',
    platform_name: 'XCP',
    platform_version: '1.6.10',
    product_brand: 'XCP',
    build_number: '61809c',
    hostname: 'localhost',
    date: '2012-11-29',
    xapi: '1.3',
    xen: '4.1.3',
    linux: '2.6.32.43-0.4.1.xs1.6.10.734.170748xen',
    xencenter_min: '1.10',
    xencenter_max: '1.10',
    network_backend: 'openvswitch',
    'xcp:main': 'Base Pack, version 1.6.10, build 61809c',
  },
  apiVersion: { major: 1, minor: 10, vendor: 'XenSource', vendorImplementation: {} },
  licenseParams: licenseParams({ type: 'XE Express', title: 'Xen Cloud Platform' }, limits),
  restrictions: limits,
  edition: 'free',
  editions: ['free'],
  licenseServer: LICENSE_SERVER,
  brand: { product: 'XCP', company: 'xen.org', toolsRepository: 'XenServer Tools' },
  capabilities: ['xen-3.0-x86_64', 'xen-3.0-x86_32p', 'hvm-3.0-x86_32', 'hvm-3.0-x86_32p', 'hvm-3.0-x86_64', ''],
  virtualHardwarePlatformVersions: [0],
  supportedBootloaders: ['pygrub', 'eliloader'],
  chipsetInfo: { iommu: 'true' },
  cpuInfo: CPU_INFO_XCP,
};
