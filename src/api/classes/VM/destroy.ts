import { rm } from 'node:fs/promises';
import type { Database } from '../../../db/database.js';
import type { Compute } from '../../../host/compute.js';
import { NEVER } from '../../../model/datetime.js';
import { ApiError } from '../../../model/error.js';
import { isNullRef, type Ref } from '../../../model/ref.js';
import type { ClassName, Fields } from '../../../model/types.js';
import type { Api } from '../../api.js';
import { blobPath } from '../../blob-path.js';
import type { Call } from '../../call.js';
import { removeVifRecord } from '../../network/vif-record.js';
import { removeVbdRecord } from '../../storage/vbd-record.js';
import { removeVtpm } from '../../vtpms.js';
import { withOperation } from './operation.js';

/** Removes a VM, template or snapshot with everything that only it has. Its disks stay, as do snapshots of it. */
export async function destroyVm(call: Pick<Call, 'api' | 'task'>, self: Ref<'VM'>): Promise<void> {
  const { api } = call;
  await withOperation(call, self, 'destroy', async (vm) => {
    if (vm.other_config.get('default_template') === 'true') throw new ApiError('VM_CANNOT_DELETE_DEFAULT_TEMPLATE');
    await forgetDomain(api, self, ({ keepsDefinitions }, ran) => ran || keepsDefinitions);
    const files = blobFiles(api.db, self);
    removeVmRecord(api.db, self);
    await removeBlobs(api, files);
  });
}

/**
 * Removes VMs whose place others take, in one transaction that `instead` is part of. Hosts that keep descriptions of domains are not told:
 * these are written anew, or taken away like those of any VM that is gone.
 */
export async function replaceVms(api: Api, vms: readonly Ref<'VM'>[], instead: () => void): Promise<void> {
  const files = vms.flatMap((vm) => blobFiles(api.db, vm));
  for (const vm of vms) await forgetDomain(api, vm, ({ keepsDefinitions }, ran) => ran && !keepsDefinitions);
  api.db.transaction(() => {
    for (const vm of vms) removeVmRecord(api.db, vm);
    instead();
  });
  await removeBlobs(api, files);
}

/** Uuids of the blobs of a VM. */
function blobFiles(db: Database, vm: Ref<'VM'>): string[] {
  return [...db.get('VM', vm).blobs.values()].flatMap((ref) => db.find('blob', ref)?.fields.uuid ?? []);
}

async function removeBlobs({ dataDir }: Api, uuids: readonly string[]): Promise<void> {
  await Promise.all(uuids.map((uuid) => rm(blobPath(dataDir, uuid), { force: true })));
}

/** Lets hosts drop what they keep of a domain; `which` sees whether it has ever run. One that does not answer keeps a small rest. */
async function forgetDomain(api: Api, vm: Ref<'VM'>, which: (compute: Compute, ran: boolean) => boolean): Promise<void> {
  const { uuid, metrics } = api.db.get('VM', vm);
  const ran = (api.db.find('VM_metrics', metrics)?.fields.start_time ?? NEVER) !== NEVER;
  const hosts = [...api.hosts.entries()].flatMap(([, { compute }]) => (which(compute, ran) ? [compute] : []));
  const outcomes = await Promise.allSettled(hosts.map((compute) => compute.forget(uuid)));
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') api.log.warn({ err: outcome.reason, vm: uuid }, 'a host did not forget a domain');
}

/** Removes the record of a VM and of what belongs to it. What was a snapshot between two others lets them move together. */
export function removeVmRecord(db: Database, self: Ref<'VM'>): void {
  db.transaction(() => {
    const vm = db.get('VM', self);
    for (const child of vm.children) if (db.exists('VM', child)) db.set('VM', child, { parent: vm.parent });
    removeDevices(db, vm);
    for (const console of vm.consoles) drop(db, 'console', console);
    for (const dump of vm.crash_dumps) drop(db, 'crashdump', dump);
    for (const blob of vm.blobs.values()) drop(db, 'blob', blob);
    drop(db, 'VM_metrics', vm.metrics);
    drop(db, 'VM_guest_metrics', vm.guest_metrics);
    db.destroy('VM', self);
  });
}

function removeDevices(db: Database, vm: Fields<'VM'>): void {
  for (const vbd of vm.VBDs) if (db.exists('VBD', vbd)) removeVbdRecord(db, vbd);
  for (const vif of vm.VIFs) if (db.exists('VIF', vif)) removeVifRecord(db, vif);
  for (const vgpu of vm.VGPUs) drop(db, 'VGPU', vgpu);
  for (const vusb of vm.VUSBs) drop(db, 'VUSB', vusb);
  for (const vtpm of vm.VTPMs) removeVtpm(db, vtpm);
}

function drop(db: Database, className: ClassName, ref: string): void {
  if (!isNullRef(ref) && db.exists(className, ref)) db.destroy(className, ref);
}
