import type { PseudoFiles } from './pseudo-files.js';

const DMI = '/sys/class/dmi/id';

/** Names of the firmware's own texts by their keys in `host.bios_strings`. */
const KEYS = {
  'bios-vendor': 'bios_vendor',
  'bios-version': 'bios_version',
  'system-manufacturer': 'sys_vendor',
  'system-product-name': 'product_name',
  'system-version': 'product_version',
  'baseboard-manufacturer': 'board_vendor',
  'baseboard-product-name': 'board_name',
  'baseboard-version': 'board_version',
} as const;

/** Texts of the host's firmware; serial numbers are left out, since everybody who may log in can read them. */
export async function biosFacts(files: PseudoFiles): Promise<ReadonlyMap<string, string>> {
  const texts = await Promise.all(
    Object.entries(KEYS).map(async ([key, file]) => [key, await files.text(`${DMI}/${file}`)] as const),
  );
  return new Map(texts.filter(([, text]) => text !== ''));
}

/** Whether devices can be given to guests. */
export async function chipsetFacts(files: PseudoFiles): Promise<ReadonlyMap<string, string>> {
  const groups = await files.names('/sys/kernel/iommu_groups');
  return new Map([['iommu', groups.length > 0 ? 'true' : 'false']]);
}
