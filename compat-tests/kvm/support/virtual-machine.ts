import type { Xapi, XapiObject } from 'xen-api';
import { until } from '../../../test-support/libvirt/until.js';
import { onlyCached } from './client-cache.js';

const MiB = 2 ** 20;

/** Memory of a VM with the test guest, in bytes: enough for what is plugged in. */
export const MEMORY = 192 * MiB;

/** Milliseconds until a guest that has not told of itself counts as broken: a busy machine takes 20 s to boot one. */
export const BOOT_PATIENCE = 90_000;

/** A VM made from the template for other systems, with the memory of the test guest; without devices. */
export async function vmFromTemplate(xapi: Xapi, name: string): Promise<string> {
  const { $ref } = onlyCached(xapi, 'VM', { name_label: 'Other install media', is_a_template: true });
  const vm = String(await xapi.callAsync('VM.clone', $ref, name));
  await xapi.callAsync('VM.provision', vm);
  await xapi.call('VM.set_memory_limits', vm, 128 * MiB, MEMORY, MEMORY, MEMORY);
  return vm;
}

/** A card of a VM in the network of a bridge. */
export async function addCard(xapi: Xapi, vm: string, device: string, bridge = 'xenbr0'): Promise<string> {
  const network = onlyCached(xapi, 'network', { bridge });
  return String(
    await xapi.call('VIF.create', {
      VM: vm,
      network: network.$ref,
      device,
      MAC: '',
      MTU: 1500,
      other_config: {},
      qos_algorithm_type: '',
      qos_algorithm_params: {},
    }),
  );
}

/** A new empty disk in an SR. */
export async function addVolume(xapi: Xapi, sr: string, name: string, size = 16 * MiB): Promise<string> {
  const vdi = {
    name_label: name,
    name_description: '',
    SR: sr,
    virtual_size: size,
    type: 'user',
    sharable: false,
    read_only: false,
    other_config: {},
  };
  return String(await xapi.callAsync('VDI.create', vdi));
}

/** A drive of a VM with a disk in it, or with a CD. */
export async function addDrive(
  xapi: Xapi,
  vm: string,
  vdi: string,
  userdevice: string,
  type: 'Disk' | 'CD' = 'Disk',
): Promise<string> {
  return String(
    await xapi.call('VBD.create', {
      VM: vm,
      VDI: vdi,
      userdevice,
      bootable: userdevice === '0',
      mode: type === 'CD' ? 'RO' : 'RW',
      type,
      unpluggable: true,
      empty: false,
      other_config: {},
      qos_algorithm_type: '',
      qos_algorithm_params: {},
    }),
  );
}

/** Resolves with what the guest of a VM has told, when it has told an address. */
export async function guestUp(xapi: Xapi, vm: string, patience = BOOT_PATIENCE): Promise<XapiObject> {
  return until(
    `what the guest of ${vm} tells`,
    async () => {
      const metrics = xapi.getObjectByRef(String(xapi.getObjectByRef(vm, undefined)?.guest_metrics), undefined);
      return metrics?.live === true && addressOf(metrics, '0') !== undefined ? metrics : undefined;
    },
    patience,
  );
}

/** Address of a card, by its number, as the guest has told it. */
export function addressOf(metrics: XapiObject, card: string): string | undefined {
  const { networks } = metrics;
  if (typeof networks !== 'object' || networks === null) return undefined;
  const found = Object.entries(networks).find(([key]) => key === `${card}/ip`);
  return found && String(found[1]);
}
