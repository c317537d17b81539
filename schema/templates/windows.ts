import type { TemplateDefinition } from './define.js';

/** Windows. */
export const windowsTemplates: readonly TemplateDefinition[] = [
  {
    uuid: '7774689b-4ca1-4dea-8545-dddd6b64c17f',
    name: 'Windows 10 (64-bit)',
    reference: 'windows-10-64bit',
    from: 'windows',
    memory: '2G',
    platform: { acpi_laptop_slate: '1' },
  },
  {
    uuid: '1f8728f9-6354-4a68-adc3-222c34f2bb94',
    name: 'Windows 11',
    reference: 'windows-11',
    from: 'windows',
    memory: '4G',
    disks: [{ size: '64G', bootable: false }],
    supports: { bios: false, uefi: true, secureBoot: true },
    platform: { acpi_laptop_slate: '1', vtpm: 'true' },
  },
  {
    uuid: 'c15fab79-6cce-4e1f-916f-a64b98ff9e7d',
    name: 'Windows Server 2016 (64-bit)',
    reference: 'windows-server-2016-64bit',
    from: 'windows-server',
    memory: '1G',
  },
  {
    uuid: 'd986ea98-09fa-4e9a-9ee6-e6c78119496f',
    name: 'Windows Server 2019 (64-bit)',
    reference: 'windows-server-2019-64bit',
    from: 'windows-server',
    memory: '1G',
  },
  {
    uuid: '1c33af1c-e919-418c-ad45-85d7d6fb604a',
    name: 'Windows Server 2022 (64-bit)',
    reference: 'windows-server-2022-64bit',
    from: 'windows-server',
    memory: '1G',
  },
  {
    uuid: '905ab443-e415-4d52-bfef-e14b147eac4e',
    name: 'Windows Server 2025',
    reference: 'windows-server-2025',
    from: 'windows-server',
    memory: '2G',
    disks: [{ size: '64G', bootable: false }],
    supports: { bios: false, uefi: true, secureBoot: true },
  },
];
