import type { Database } from '../../db/database.js';
import { pvBootWay } from '../../host/installer.js';
import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';

/**
 * After a paravirtual VM has booted an installer: the next time it boots what that has installed, from its first disk. The original's boot loader
 * writes the same when it has fetched the installer. Nothing changes for other VMs. `vm` as it booted; to be called in a transaction.
 */
export function afterInstallerBoot(db: Database, ref: Ref<'VM'>, vm: Fields<'VM'>): void {
  if (pvBootWay({ kernel: vm.PV_kernel, bootloader: vm.PV_bootloader }) !== 'installer') return;
  // By the first key, clients ask where to install a template from that this VM may become.
  const other_config = new Map([...vm.other_config].filter(([key]) => key !== 'install-distro' && key !== 'install-round'));
  db.set('VM', ref, { PV_bootloader: 'pygrub', other_config });
  if (vm.other_config.get('install-repository') !== 'cdrom') return;
  for (const vbd of vm.VBDs) db.set('VBD', vbd, { bootable: db.get('VBD', vbd).userdevice === '0' });
}
