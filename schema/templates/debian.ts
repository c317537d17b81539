import type { TemplateDefinition } from './define.js';

/** Debian and its relatives. */
export const debianTemplates: readonly TemplateDefinition[] = [
  {
    uuid: 'acfeecf4-4007-412b-8f13-6d61a6aee5bd',
    name: 'Debian Bullseye 11',
    reference: 'debian-11',
    from: 'linux',
    memory: '512M',
  },
  {
    uuid: '07d91aaa-43f7-430a-bf84-0edb6714df0f',
    name: 'Debian Bookworm 12',
    reference: 'debian-12',
    from: 'linux-uefi',
    memory: '1G',
  },
  {
    uuid: '9340090e-90ca-11ea-ab10-2e858157d830',
    name: 'Gooroom Platform 2.0',
    reference: 'gooroom-2',
    from: 'linux',
    memory: '1G',
  },
  {
    uuid: 'df1a0e64-3799-482b-aa9f-1ed713c7dac5',
    name: 'Ubuntu Jammy Jellyfish 22.04',
    reference: 'ubuntu-22.04',
    from: 'linux-uefi',
    memory: '1G',
  },
  {
    uuid: 'ff1f3e17-84d9-4d72-962d-571c4ceb527b',
    name: 'Ubuntu Noble Numbat 24.04',
    reference: 'ubuntu-24.04',
    from: 'linux-uefi',
    memory: '1G',
  },
];
