import { rm } from 'node:fs/promises';
import type { Database } from '../../../db/database.js';
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
    const started = api.db.find('VM_metrics', vm.metrics)?.fields.start_time ?? NEVER;
    await forgetDomain(api, vm.uuid, started !== NEVER);
    const files = [...vm.blobs.values()].flatMap((ref) => api.db.find('blob', ref)?.fields.uuid ?? []);
    removeVmRecord(api.db, self);
    await Promise.all(files.map((uuid) => rm(blobPath(api.dataDir, uuid), { force: true })));
  });
}

/** Lets every host that may have had the domain drop what it keeps of it. One that does not answer keeps a small rest. */
async function forgetDomain(api: Api, uuid: string, ran: boolean): Promise<void> {
  const hosts = [...api.hosts.entries()].flatMap(([, { compute }]) => (ran || compute.keepsDefinitions ? [compute] : []));
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
