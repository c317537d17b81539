import { setTimeout as sleep } from 'node:timers/promises';
import { RpcError } from '../../../test-support/rpc.js';
import type { Snapshot } from '../snapshot.js';
import type { Caller } from '../writer.js';
import type { ObjectKind } from './objects.js';

const MIB = 2 ** 20;

/** Single objects without relations that matter. */
export function networks(): ObjectKind {
  return {
    className: 'network',
    create: (caller, name) =>
      caller.call('network.create', { name_label: name, name_description: '', other_config: {}, tags: [] }),
    destroy: (caller, ref) => caller.call('network.destroy', ref),
  };
}

/** The same through tasks: what a task reports as its result is acknowledged. */
export function networksByTasks(): ObjectKind {
  return {
    className: 'network',
    create: async (caller, name) => {
      const record = { name_label: name, name_description: '', other_config: {}, tags: [] };
      const result = await resultOf(caller, await caller.call('Async.network.create', record));
      return result.replace(/<\/?value>/g, '');
    },
    destroy: async (caller, ref) => {
      await resultOf(caller, await caller.call('Async.network.destroy', ref));
    },
  };
}

/** VMs with everything that belongs to one: a disk with its VDI, a CD drive, a NIC. */
export function clones(): ObjectKind {
  let source = '';
  return {
    className: 'VM',
    prepare: async (caller) => {
      source = (await caller.call<string[]>('VM.get_by_name_label', 'vm-1'))[0] ?? '';
    },
    create: (caller, name) => caller.call('VM.clone', source, name),
    destroy: (caller, ref) => caller.call('VM.destroy', ref),
    flaws: (snapshot, ref) => missingDevices(snapshot, source, ref),
  };
}

/** Snapshots of a VM with a disk. */
export function snapshots(): ObjectKind {
  let source = '';
  return {
    className: 'VM',
    prepare: async (caller) => {
      source = (await caller.call<string[]>('VM.get_by_name_label', 'vm-2'))[0] ?? '';
    },
    create: (caller, name) => caller.call('VM.snapshot', source, name),
    destroy: (caller, ref) => caller.call('VM.destroy', ref),
    flaws: (snapshot, ref) => [
      ...missingDevices(snapshot, source, ref),
      ...(snapshot.find('VM', ref)?.snapshot_of === source ? [] : ['does not know what it is a snapshot of']),
    ],
  };
}

/** Disks, each with a VBD at a VM. A disk is acknowledged when it has been attached, and gone when both are. */
export function disks(): ObjectKind {
  let vm = '';
  let sr = '';
  const unplugged = async (caller: Caller, vdi: string) => {
    for (const vbd of await caller.call<string[]>('VDI.get_VBDs', vdi)) await caller.call('VBD.destroy', vbd);
  };
  return {
    className: 'VDI',
    prepare: async (caller) => {
      vm = (await caller.call<string[]>('VM.get_by_name_label', 'vm-3'))[0] ?? '';
      sr = await caller.call('pool.get_default_SR', (await caller.call<string[]>('pool.get_all'))[0]);
    },
    create: async (caller, name) => {
      const vdi = await caller.call<string>('VDI.create', {
        name_label: name,
        name_description: '',
        SR: sr,
        virtual_size: String(8 * MIB),
        type: 'user',
        sharable: false,
        read_only: false,
        other_config: {},
        xenstore_data: {},
        sm_config: {},
        tags: [],
      });
      await caller.call('VBD.create', {
        VM: vm,
        VDI: vdi,
        userdevice: 'autodetect',
        bootable: false,
        mode: 'RW',
        type: 'Disk',
        unpluggable: true,
        empty: false,
        other_config: {},
        qos_algorithm_type: '',
        qos_algorithm_params: {},
      });
      return vdi;
    },
    destroy: async (caller, vdi) => {
      await unplugged(caller, vdi);
      await caller.call('VDI.destroy', vdi);
    },
  };
}

/** What a VM lacks of the devices of the one that it was made from. */
function missingDevices(snapshot: Snapshot, source: string, copy: string): readonly string[] {
  const devices = (ref: string) => {
    const vm = snapshot.find('VM', ref);
    const vbds = ((vm?.VBDs ?? []) as string[]).map((vbd) => snapshot.find('VBD', vbd));
    const withDisks = vbds.filter((vbd) => vbd !== undefined && snapshot.find('VDI', vbd.VDI) !== undefined).length;
    return `${vbds.length} VBDs, ${withDisks} VDIs, ${((vm?.VIFs ?? []) as string[]).length} VIFs`;
  };
  const [wanted, found] = [devices(source), devices(copy)];
  return wanted === found ? [] : [`has ${found} and should have ${wanted}`];
}

/** Waits for a task. Resolves to its result, rejects with its error. */
async function resultOf(caller: Caller, task: string): Promise<string> {
  for (;;) {
    const { status, result, error_info } = await caller.call<{ status: string; result: string; error_info: string[] }>(
      'task.get_record',
      task,
    );
    if (status === 'success') {
      await caller.call('task.destroy', task);
      return result;
    }
    if (status !== 'pending') throw new RpcError(error_info[0] ?? status, error_info.slice(1));
    await sleep(1);
  }
}
