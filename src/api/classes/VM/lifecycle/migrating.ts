import { NULL_REF, type Ref } from '../../../../model/ref.js';
import { attachNetworksForVm } from '../../../network/attach.js';
import { vmRefusal } from '../../../operations/rules/VM/refusal.js';
import { assertCpuCompatible } from '../../../placement/cpu-features.js';
import type { VmMessages } from '../messages.js';
import { withOperation } from '../operation.js';
import { hostText, tellOf } from './alerts.js';
import { runningSpec } from './domain-spec.js';
import { assertReachableIn } from './migration-target.js';
import { hostOf, onHost, readState, resync } from './on-host.js';
import { type Work, withPlace } from './placed.js';
import { assertPlace } from './starting.js';

/** Moving running VMs between hosts that see the same storage. */
export const migrating: VmMessages = {
  pool_migrate: (call, vm, host, options) => migrateInPool(call, vm, host, options),
  // The destination's part of a migration is done when the source's is: one process keeps the records of both.
  pool_migrate_complete: ({ api }, vm, host) => readState(api, vm, host),
  atomic_set_resident_on: ({ api }, vm, host) =>
    api.db.set('VM', vm, { resident_on: host, scheduled_to_be_resident_on: NULL_REF }),
  // A migration onto the host where the VM is gives it new device models.
  restart_device_models: (call, vm) =>
    withOperation(call, vm, 'pool_migrate', async ({ resident_on: host }) => {
      await moveDomain(call, vm, host);
      const { pending_guidances: pending } = call.api.db.get('VM', vm);
      call.api.db.set('VM', vm, { pending_guidances: pending.filter((task) => task !== 'restart_device_model') });
    }),
};

/** Text of a truth value in the options of a migration. */
export function isSet(options: ReadonlyMap<string, string>, key: string): boolean {
  return options.get(key)?.toLowerCase() === 'true';
}

async function migrateInPool(work: Work, vm: Ref<'VM'>, host: Ref<'host'>, options: ReadonlyMap<string, string>): Promise<void> {
  const { api } = work;
  const { db } = api;
  const force = isSet(options, 'force');
  const { resident_on: source, power_state: power } = db.get('VM', vm);
  if (!force) assertWillingToMove(work, vm);
  if (!force && power !== 'Halted') assertCpuCompatible(db, vm, host);
  await withOperation(work, vm, 'pool_migrate', async () => {
    db.get('host', host);
    const network = options.get('network');
    if (network !== undefined) assertReachableIn(api, host, network);
    if (host === source) await moveDomain(work, vm, host);
    else
      await withPlace(
        work,
        vm,
        'vm_migrate',
        () => assertPlace(work, vm, host),
        () => moveDomain(work, vm, host),
      );
  });
  tellMigrated(work, vm, source, host);
}

/** Says that a VM has moved. */
export function tellMigrated({ api }: Work, vm: Ref<'VM'>, from: Ref<'host'>, to: Ref<'host'>): void {
  tellOf(api, 'VM_MIGRATED', vm, `migrated from host '${hostText(api, from)}' to host '${hostText(api, to)}'`);
}

/**
 * Without force the guest is asked whether it can stand a move; the operation itself never asks. Another operation that
 * is in the way is left to the waiting.
 */
function assertWillingToMove({ api }: Work, vm: Ref<'VM'>): void {
  const refusal = vmRefusal(api.db, vm, api.db.get('VM', vm), 'pool_migrate', true)?.();
  if (refusal && refusal.code !== 'OTHER_OPERATION_IN_PROGRESS') throw refusal;
}

/** Moves the domain of a VM to a host, with the disks that it has or with others instead. The VM must run, or stand still. */
export async function moveDomain(
  work: Work,
  vm: Ref<'VM'>,
  destination: Ref<'host'>,
  spec = runningSpec(work.api, vm),
): Promise<void> {
  const { api, task } = work;
  const [source, { compute }] = hostOf(api, vm);
  const there = api.hosts.get(destination).compute;
  try {
    await attachNetworksForVm(api, vm, destination);
    await onHost(work, () => compute.migrate(spec, there, task));
  } catch (thrown) {
    await resync(api, vm, source);
    throw thrown;
  }
  if (api.db.get('VM', vm).resident_on !== destination) leaveSuspendSr(work, vm, destination);
  // From here on the domain is there, whatever else goes wrong.
  await resync(api, vm, destination);
}

/** An SR for memory images that the new host does not see would only be in the way of the next suspend. */
function leaveSuspendSr({ api }: Work, vm: Ref<'VM'>, destination: Ref<'host'>): void {
  const { db } = api;
  const { suspend_SR: sr } = db.get('VM', vm);
  const pbds = db.find('SR', sr)?.fields.PBDs ?? [];
  if (!pbds.some((pbd) => db.get('PBD', pbd).host === destination)) db.set('VM', vm, { suspend_SR: NULL_REF });
}
