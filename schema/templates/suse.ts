import type { TemplateDefinition } from './define.js';

/** SUSE Linux Enterprise. */
export const suseTemplates: readonly TemplateDefinition[] = [
  {
    uuid: 'b5915805-d800-459d-826a-322dc9cf07e2',
    name: 'SUSE Linux Enterprise 15 (64-bit)',
    reference: 'sle-15-64bit',
    from: 'linux-uefi',
    memory: '1G',
    disks: [{ size: '8G', bootable: true }],
    otherConfig: { 'install-arch': 'x86_64' },
  },
  {
    uuid: 'ebc94c1c-2532-4765-b2e1-b72db794b6a0',
    name: 'SUSE Linux Enterprise Desktop 11 SP3 (64-bit)',
    reference: 'sled-11-sp3-64bit',
    from: 'suse-11',
  },
  {
    uuid: '89a9ab32-39a2-47db-8f11-25be020a16cf',
    name: 'SUSE Linux Enterprise Desktop 12 (64-bit)',
    reference: 'sled-12-64bit',
    from: 'suse-12',
  },
  {
    uuid: '14b3465d-d3d8-4bde-8a2e-a1a011b14e1e',
    name: 'SUSE Linux Enterprise Desktop 12 SP1 (64-bit)',
    reference: 'sled-12-sp1-64bit',
    from: 'suse-12',
  },
  {
    uuid: 'a2c2f832-97bc-11e7-92b9-b8ca3a97c5fc',
    name: 'SUSE Linux Enterprise Desktop 12 SP2 (64-bit)',
    reference: 'sled-12-sp2-64bit',
    from: 'suse-12',
  },
  {
    uuid: '2e46fb99-1688-452e-bf46-47f7530b16ee',
    name: 'SUSE Linux Enterprise Server 11 SP3 (32-bit)',
    reference: 'sles-11-sp3-32bit',
    from: 'suse-11-32bit',
  },
  {
    uuid: 'f28fd4f5-a234-4b79-9a6f-de91fefd68d6',
    name: 'SUSE Linux Enterprise Server 11 SP3 (64-bit)',
    reference: 'sles-11-sp3-64bit',
    from: 'suse-11',
  },
  {
    uuid: '405768ce-f8a1-4b3d-9410-8b1d4395e1b4',
    name: 'SUSE Linux Enterprise Server 11 SP4 (32-bit)',
    reference: 'sles-11-sp4-32bit',
    from: 'suse-11-32bit',
  },
  {
    uuid: '7006c141-2ba0-4ff8-aa4b-66d67b545043',
    name: 'SUSE Linux Enterprise Server 11 SP4 (64-bit)',
    reference: 'sles-11-sp4-64bit',
    from: 'suse-11',
  },
  {
    uuid: '1282055a-055b-43c2-bc4d-0d5a22b6b619',
    name: 'SUSE Linux Enterprise Server 12 (64-bit)',
    reference: 'sles-12-64bit',
    from: 'suse-12',
  },
  {
    uuid: '57d86822-8e9f-42aa-a096-081e4ee37f4c',
    name: 'SUSE Linux Enterprise Server 12 SP1 (64-bit)',
    reference: 'sles-12-sp1-64bit',
    from: 'suse-12',
  },
  {
    uuid: '1d504a36-96dd-11e7-92b9-b8ca3a97c5fc',
    name: 'SUSE Linux Enterprise Server 12 SP2 (64-bit)',
    reference: 'sles-12-sp2-64bit',
    from: 'suse-12',
  },
  {
    uuid: '110ecfa7-0fe4-4b35-a247-0b0141a738ba',
    name: 'SUSE Linux Enterprise Server 12 SP5 (64-bit)',
    reference: 'sles-12-sp5-64bit',
    from: 'linux',
    memory: '1G',
    disks: [{ size: '8G', bootable: true }],
    otherConfig: { 'install-arch': 'x86_64' },
  },
];
