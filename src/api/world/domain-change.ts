import type { DomainState } from '../../host/compute.js';
import { toDateTime } from '../../model/datetime.js';
import { isNullRef, NULL_REF, type Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import type { AlertName } from '../alerts.js';
import type { Api } from '../api.js';
import { target } from '../operations/operations.js';
import { standInTask } from '../stand-in-task.js';
import { resetDisksAtBoot } from '../storage/reset-on-boot.js';
import { markHalted, markPaused, markRunning, markSuspended } from './domain-records.js';
import { domainSpec } from './domain-spec.js';
import { domainState } from './domain-states.js';

/** Whether people are told by a message. What was found at the start of the daemon, nobody is told of. */
export type Publicity = 'tell' | 'quiet';

/**
 * Writes what a host says of a domain that changed without anybody here asking for it: a guest that shut down, crashed
 * or rebooted, a domain that somebody started or stopped on the host itself. `vm` is undefined for an unknown domain.
 */
export function domainChange(
  api: Api,
  vm: Ref<'VM'> | undefined,
  host: Ref<'host'>,
  state: DomainState,
  publicity: Publicity,
): void {
  if (vm === undefined) {
    // Where a host tells what its domains consist of, they are taken in by that.
    const lives = state.power === 'Running' || state.power === 'Paused';
    if (lives && !api.hosts.get(host).compute.keepsDefinitions) adopt(api, host, state);
    return;
  }
  const before = api.db.get('VM', vm);
  if (before.is_control_domain) return;
  const alert = alertFor(api, before, host, state);
  if (state.power === 'Running') markRunning(api, vm, host, state);
  else if (state.power === 'Paused') markPaused(api, vm, host, state);
  else if (state.power === 'Suspended') suspended(api, vm, before);
  else halted(api, vm, before, host, state);
  if (alert && publicity === 'tell') api.alerts.send(alert, 'VM', before.uuid, `VM '${before.name_label}': ${BODIES[alert]}`);
}

const BODIES: { readonly [A in AlertName]?: string } = {
  VM_STARTED: 'started on its host',
  VM_SHUTDOWN: 'shut down by itself',
  VM_REBOOTED: 'rebooted by itself',
  VM_CRASHED: 'crashed',
  VM_PAUSED: 'paused on its host',
  VM_UNPAUSED: 'goes on again',
  VM_RESUMED: 'resumed on its host',
  VM_SUSPENDED: 'suspended on its host',
  VM_MIGRATED: 'moved to another host',
};

function alertFor(api: Api, vm: Fields<'VM'>, host: Ref<'host'>, state: DomainState): AlertName | undefined {
  const { power, domid, ended } = state;
  const was = vm.power_state;
  if (ended === 'crash' && was === 'Running') return 'VM_CRASHED';
  if (power === 'Halted' && (vm.domid < 0 || vm.resident_on !== host)) return undefined;
  if (power === 'Halted') return ended === 'reboot' && vm.actions_after_reboot === 'restart' ? 'VM_REBOOTED' : 'VM_SHUTDOWN';
  if (power === 'Suspended') return was === 'Suspended' ? undefined : 'VM_SUSPENDED';
  if (was === 'Halted') return 'VM_STARTED';
  if (was === 'Suspended') return 'VM_RESUMED';
  if (vm.resident_on !== host) return 'VM_MIGRATED';
  if (vm.domid !== domid || !isSameBoot(api, vm, state)) return 'VM_REBOOTED';
  if (was !== power) return power === 'Paused' ? 'VM_PAUSED' : 'VM_UNPAUSED';
  return undefined;
}

/** Whether the domain has not begun anew since its records were written: guests may reboot and keep their domain. */
export function isSameBoot({ db }: Api, { metrics }: Fields<'VM'>, { startedAt }: DomainState): boolean {
  return db.find('VM_metrics', metrics)?.fields.start_time === toDateTime(startedAt);
}

/** The domain of a VM is gone, unless it is a host that the VM has left that says so. */
function halted(api: Api, vm: Ref<'VM'>, before: Fields<'VM'>, host: Ref<'host'>, { ended }: DomainState): void {
  if (before.domid < 0 || before.resident_on !== host) return;
  markHalted(api, vm);
  const action = ended === undefined ? 'destroy' : before[`actions_after_${ended}`];
  if (action.includes('restart')) restart(api, vm, host);
}

/** What follows is the host's to do, by what the domain was started with; a setting that was changed since, it does not know. */
function restart(api: Api, vm: Ref<'VM'>, host: Ref<'host'>): void {
  const task = standInTask({ local: true, address: '' });
  const begun = api.operations.run(task, [target('VM', vm, 'start')], async () => {
    const physical = api.hosts.get(host);
    await resetDisksAtBoot(api, vm);
    const spec = domainSpec(api.db, vm);
    await physical.compute.start(spec, false, task);
    markRunning(api, vm, host, await domainState(physical, spec.uuid));
  });
  begun.catch((thrown: unknown) =>
    api.log.warn({ err: thrown, vm: api.db.find('VM', vm)?.fields.uuid }, 'a VM could not be restarted'),
  );
}

/**
 * A domain is suspended of which the records do not say so: the daemon ended between the two. Its memory is in a VDI
 * that no VM names yet. Where that cannot be told for certain, the memory is lost, as after a loss of power.
 */
function suspended(api: Api, vm: Ref<'VM'>, before: Fields<'VM'>): void {
  if (before.power_state === 'Suspended') return;
  if (before.domid < 0) return;
  const image = suspendImage(api, vm, before);
  if (image) {
    markSuspended(api, vm, image);
    return;
  }
  api.log.warn({ vm: before.uuid }, 'the memory image of a suspended VM is not known; the VM is halted');
  const physical = isNullRef(before.resident_on) ? undefined : api.hosts.find(before.resident_on);
  physical?.compute
    .hardShutdown(before.uuid)
    .catch((thrown: unknown) => api.log.warn({ err: thrown }, 'the memory of a domain could not be dropped'));
  markHalted(api, vm);
}

function suspendImage({ db }: Api, vm: Ref<'VM'>, { suspend_VDI }: Fields<'VM'>): Ref<'VDI'> | undefined {
  if (!isNullRef(suspend_VDI) && db.exists('VDI', suspend_VDI)) return suspend_VDI;
  const named = new Set([...db.all('VM')].flatMap(([ref, other]) => (ref === vm ? [] : [other.suspend_VDI])));
  const free = db.filter('VDI', (vdi) => vdi.type === 'suspend').filter(([ref]) => !named.has(ref));
  return free.length === 1 ? free[0]?.[0] : undefined;
}

/** A domain that somebody made on the host becomes a VM. All that is known of it is that it lives. */
function adopt(api: Api, host: Ref<'host'>, state: DomainState): void {
  const { db } = api;
  db.transaction(() => {
    const memory = state.memory ?? 0;
    const vm = db.create('VM', {
      uuid: state.uuid,
      name_label: `Domain ${state.uuid}`,
      domid: -1,
      domain_type: 'hvm',
      HVM_boot_policy: 'BIOS order',
      HVM_boot_params: new Map([['order', 'cd']]),
      memory_static_max: memory,
      memory_dynamic_max: memory,
      memory_dynamic_min: memory,
      VCPUs_max: 1,
      VCPUs_at_startup: 1,
      actions_after_shutdown: 'destroy',
      actions_after_reboot: 'restart',
      actions_after_crash: 'restart',
      platform: new Map([['cores-per-socket', '1']]),
      suspend_VDI: NULL_REF,
    });
    if (state.power === 'Paused') markPaused(api, vm, host, state);
    else markRunning(api, vm, host, state);
  });
  api.log.info({ uuid: state.uuid }, 'a domain that was not known appeared as a VM');
}
