import type { DomainState } from '../../../../host/compute.js';
import type { Host } from '../../../../host/host.js';
import type { Ref } from '../../../../model/ref.js';
import type { Api } from '../../../api.js';
import { withReferences } from '../../../host-errors.js';
import { markHalted, markPaused, markRunning } from '../../../world/domain-records.js';
import { domainState } from '../../../world/domain-states.js';
import type { Work } from './placed.js';

/**
 * Waits for something that a host does. It can be cancelled meanwhile, and what the host then answers is TASK_CANCELLED.
 * Errors of hosts name objects by uuid; clients look for references in them.
 */
export async function onHost<T>({ api, task }: Work, work: () => Promise<T>): Promise<T> {
  task.cancellable(true);
  try {
    return await work();
  } catch (thrown) {
    task.check();
    throw withReferences(api.db, thrown);
  } finally {
    task.cancellable(false);
  }
}

/** The physical host on which a VM runs, with its reference. Throws HOST_OFFLINE when it cannot be reached. */
export function hostOf({ db, hosts }: Api, vm: Ref<'VM'>): [Ref<'host'>, Host] {
  const { resident_on: ref } = db.get('VM', vm);
  return [ref, hosts.get(ref)];
}

/** Writes what a host says of a domain. A VM whose memory is in a VDI stays as it is: only who put it there knows where. */
export function recordState(api: Api, vm: Ref<'VM'>, host: Ref<'host'>, state: DomainState): void {
  if (!api.db.exists('VM', vm)) return;
  if (state.power === 'Running') markRunning(api, vm, host, state);
  else if (state.power === 'Paused') markPaused(api, vm, host, state);
  else if (state.power === 'Halted') markHalted(api, vm);
}

/** Reads the state of a domain from its host and writes it. Rejects with INTERNAL_ERROR when the host does not know it. */
export async function readState(api: Api, vm: Ref<'VM'>, host: Ref<'host'>): Promise<void> {
  recordState(api, vm, host, await domainState(api.hosts.get(host), api.db.get('VM', vm).uuid));
}

/** After something went wrong half-way: brings the records in line with the host, as far as that can be reached. */
export async function resync(api: Api, vm: Ref<'VM'>, host: Ref<'host'>): Promise<void> {
  try {
    await readState(api, vm, host);
  } catch (thrown) {
    api.log.warn({ err: thrown, vm }, 'state of the VM after a failed operation is unknown');
  }
}
