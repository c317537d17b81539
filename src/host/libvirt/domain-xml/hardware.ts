import { isTrue, type Settings } from './settings.js';

export type Machine = 'q35' | 'pc';
export type DiskBus = 'virtio' | 'scsi' | 'sata' | 'ide' | 'usb';
export type NicModel = 'virtio' | 'e1000' | 'e1000e' | 'rtl8139';

/** The virtual hardware that follows from `platform` and `HVM_boot_params`. */
export interface Hardware {
  readonly machine: Machine;
  readonly firmware: 'bios' | 'uefi';
  /** `auto`: the guest may turn it on, where the host has such firmware. */
  readonly secureBoot: 'never' | 'auto' | 'always';
  readonly diskBus: DiskBus;
  readonly nicModel: NicModel;
}

const DISK_BUSES: readonly DiskBus[] = ['virtio', 'scsi', 'sata', 'ide', 'usb'];
const NIC_MODELS: readonly NicModel[] = ['virtio', 'e1000', 'e1000e', 'rtl8139'];

/** The virtual hardware of a VM. Values of `platform` that mean nothing are taken for absent. */
export function hardwareOf({ platform, boot }: Pick<Settings, 'platform' | 'boot'>): Hardware {
  const diskBus = DISK_BUSES.find((bus) => bus === platform.get('disk-bus')) ?? 'virtio';
  // `nic_type` is the key of the original; clients have a field for it.
  const model = platform.get('nic-model') || platform.get('nic_type');
  const machine = machineOf(platform, diskBus);
  return {
    machine,
    firmware: boot.kind === 'hvm' && boot.params.get('firmware') === 'uefi' ? 'uefi' : 'bios',
    secureBoot: machine === 'q35' ? secureBootOf(platform.get('secureboot')) : 'never',
    diskBus: diskBus === 'ide' && machine === 'q35' ? 'sata' : diskBus,
    nicModel: NIC_MODELS.find((known) => known === model) ?? 'virtio',
  };
}

/** The old machine is for guests that need what only that has. */
function machineOf(platform: ReadonlyMap<string, string>, diskBus: DiskBus): Machine {
  const asked = platform.get('machine');
  if (asked === 'q35' || asked === 'pc') return asked;
  return diskBus === 'ide' || platform.get('device-model') === 'qemu-trad' ? 'pc' : 'q35';
}

function secureBootOf(value: string | undefined): Hardware['secureBoot'] {
  if (isTrue(value)) return 'always';
  return value === 'auto' ? 'auto' : 'never';
}
