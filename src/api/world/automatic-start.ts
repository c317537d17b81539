import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import type { Api } from '../api.js';
import { startVm } from '../classes/VM/lifecycle/starting.js';
import { internalCall } from '../internal-call.js';
import { byOrder } from '../ordered-vms.js';

/** Key by which the pool allows VMs to start by themselves, and a VM asks for it. */
const KEY = 'auto_poweron';

/**
 * Starts the halted VMs that are to be on whenever the pool is, by their start order. Called when a host has booted, which a
 * restart of this daemon is not: what somebody has halted stays so. Resolves when all of them have started or failed to. Failures are logged.
 */
export async function startAutomatically(api: Api): Promise<void> {
  const { db, pool } = api;
  if (db.get('pool', pool).other_config.get(KEY) !== 'true') return;
  const wanted = db.filter('VM', isWanted).map(([vm]) => vm);
  for (const group of byOrder(db, wanted)) await Promise.all(group.map((vm) => start(api, vm)));
}

function isWanted(vm: Fields<'VM'>): boolean {
  const plain = !vm.is_a_template && !vm.is_a_snapshot && !vm.is_control_domain;
  return plain && vm.power_state === 'Halted' && vm.other_config.get(KEY) === 'true';
}

async function start(api: Api, vm: Ref<'VM'>): Promise<void> {
  try {
    await internalCall(api, 'VM.start', (call) => startVm(call, vm, { paused: false, force: false }));
  } catch (thrown) {
    api.log.warn({ err: thrown, vm: api.db.find('VM', vm)?.fields.uuid }, 'a VM could not be started by itself');
  }
}
