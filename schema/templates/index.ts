import { debianTemplates } from './debian.js';
import type { TemplateDefinition } from './define.js';
import { redHatTemplates } from './red-hat.js';
import { suseTemplates } from './suse.js';
import { windowsTemplates } from './windows.js';

/** For whatever has no template of its own. Without a disk: the user says which. Scripts look for its name. */
const otherInstallMedia: TemplateDefinition = {
  uuid: '552bce37-51b2-445d-84f2-5f33fa112d7e',
  name: 'Other install media',
  reference: 'other-install-media',
  memory: '128M',
  vcpus: 1,
  boot: { order: 'cd', firmware: 'bios' },
  platform: { viridian: 'true', secureboot: 'false' },
  otherConfig: { 'install-methods': 'cdrom' },
  limits: { memory: '128G', vcpusMax: 64 },
  supports: { bios: true, uefi: true, secureBoot: true },
};

/** All templates of the product. */
export const templateDefinitions: readonly TemplateDefinition[] = [
  ...redHatTemplates,
  ...suseTemplates,
  ...debianTemplates,
  ...windowsTemplates,
  otherInstallMedia,
];
