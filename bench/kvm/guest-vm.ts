import { prepareGuest } from '../../test-support/libvirt/guest/guest.js';
import { untilAgentAnswers } from '../../test-support/libvirt/guest-domain.js';
import type { LabHost } from '../../test-support/libvirt/host/host.js';
import type { KvmDaemon } from './daemon.js';
import { until } from './starting.js';
import { upload } from './transfers.js';

const MIB = 2 ** 20;
/** Size of the disk of the test guest, in bytes. */
const GUEST_DISK = 64 * MIB;
const MEMORY = 256 * MIB;

/** A VM that runs the test guest, with a disk beside that from which it has booted. */
export interface GuestVm {
  readonly vm: string;
  /** Uuid of the VM and of its domain. */
  readonly uuid: string;
  /** The second disk. */
  readonly disk: string;
  /** Removes it with its disks. */
  remove(): Promise<void>;
}

/** Makes the VM through XenAPI, with a second disk of so many bytes, and starts it. Resolves when its guest is up. */
export async function startGuestVm(host: LabHost, daemon: KvmDaemon, sr: string, size: number): Promise<GuestVm> {
  const { client } = daemon;
  const guest = await prepareGuest();
  const boot = await newDisk(daemon, sr, GUEST_DISK);
  await upload(daemon, 'import_raw_vdi', { vdi: boot, format: 'qcow2' }, guest.disk);
  const disk = await newDisk(daemon, sr, size);
  const [template] = await client.call<string[]>('VM.get_by_name_label', 'Other install media');
  if (template === undefined) throw new Error('there is no template');
  const vm = await client.call<string>('VM.clone', template, 'writes');
  await client.call('VM.provision', vm);
  await client.call('VM.set_memory_limits', vm, MEMORY, MEMORY, MEMORY, MEMORY);
  for (const [userdevice, vdi] of [boot, disk].entries()) await addDrive(daemon, vm, vdi, `${userdevice}`);
  await client.call('VM.start', vm, false, false);
  const uuid = await client.call<string>('VM.get_uuid', vm);
  await untilAgentAnswers(host, uuid);
  return {
    vm,
    uuid,
    disk,
    async remove() {
      // The connection of before was idle for too long.
      const removing = await daemon.login();
      await removing.call('VM.hard_shutdown', vm);
      await until(async () => (await removing.call<string>('VM.get_power_state', vm)) === 'Halted');
      await removing.call('VM.destroy', vm);
      for (const vdi of [boot, disk]) await removing.call('VDI.destroy', vdi);
      removing.close();
    },
  };
}

function newDisk({ client }: KvmDaemon, sr: string, virtual_size: number): Promise<string> {
  const common = { type: 'user', sharable: false, read_only: false, other_config: {} };
  return client.call<string>('VDI.create', { SR: sr, name_label: 'writes', virtual_size, ...common });
}

async function addDrive({ client }: KvmDaemon, vm: string, vdi: string, userdevice: string): Promise<void> {
  const kind = { bootable: userdevice === '0', mode: 'RW', type: 'Disk', unpluggable: true, empty: false };
  const config = { other_config: {}, qos_algorithm_type: '', qos_algorithm_params: {} };
  await client.call('VBD.create', { VM: vm, VDI: vdi, userdevice, ...kind, ...config });
}
