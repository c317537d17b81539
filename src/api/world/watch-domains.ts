import type { DomainState } from '../../host/compute.js';
import type { Host } from '../../host/host.js';
import type { Unsubscribe } from '../../host/progress.js';
import type { Ref } from '../../model/ref.js';
import type { EnumValue, Fields } from '../../model/types.js';
import type { Api } from '../api.js';
import { domainChange, isSameBoot } from './domain-change.js';
import { followDomains, guestState, lastState } from './domain-states.js';
import { dropGuest, writeGuest } from './guest-records.js';

/** Operations that write themselves what becomes of the domain. */
const OWN: ReadonlySet<EnumValue<'vm_operations'>> = new Set([
  'start',
  'start_on',
  'pause',
  'unpause',
  'clean_shutdown',
  'clean_reboot',
  'hard_shutdown',
  'hard_reboot',
  'shutdown',
  'power_state_reset',
  'suspend',
  'resume',
  'resume_on',
  'pool_migrate',
  'migrate_send',
  'checkpoint',
  'revert',
  'reverting',
  'destroy',
  // The VM is not what it will be before its import has ended, and its host must know nothing of one that fails.
  'import',
]);

/** Whether an operation in progress on a VM writes what becomes of its domain. */
export function isBeingMoved(vm: Fields<'VM'>): boolean {
  for (const operation of vm.current_operations.values()) if (OWN.has(operation)) return true;
  return false;
}

/**
 * Follows what becomes of domains: of one host in `follow`. What happens to a VM while an operation works on it, the
 * operation writes; when it has ended, what the host says is looked at once more, so that nothing is missed.
 */
export class DomainWatch {
  readonly #api: Api;
  readonly #stops: Unsubscribe[] = [];
  /** VMs that changed during an operation, with the host that said so last. */
  readonly #later = new Map<string, { ref: Ref<'host'>; host: Host }>();
  /** VMs of which only the memory changed: written together, since balancing moves the memory of many at once. */
  readonly #memory = new Map<string, number>();
  readonly #deferMemory: boolean;

  /** `deferMemory`: amounts of memory are written when `flushMemory` is called, which somebody does every few seconds. */
  constructor(api: Api, deferMemory: boolean) {
    this.#api = api;
    this.#deferMemory = deferMemory;
    this.#stops.push(
      api.db.onChange((changes) => {
        if (!this.#later.size) return;
        for (const { table, row } of changes) if (table.model.name === 'VM' && this.#later.has(row.ref)) this.#lookAgain(row.ref);
      }),
    );
  }

  follow(ref: Ref<'host'>, host: Host): void {
    followDomains(host);
    this.#stops.push(
      host.compute.onState((state) => this.#guarded(() => this.#state(ref, host, state))),
      host.compute.onGuest((uuid) => this.#guarded(() => this.#guest(ref, host, uuid))),
    );
  }

  /** Writes the amounts of memory that changed since the last time. */
  flushMemory(): void {
    if (!this.#memory.size) return;
    const { db } = this.#api;
    db.transaction(() => {
      for (const [uuid, memory] of this.#memory) {
        const vm = db.table('VM').refsByUuid.get(uuid);
        const fields = vm === undefined ? undefined : db.find('VM', vm)?.fields;
        if (fields && fields.domid >= 0 && db.exists('VM_metrics', fields.metrics))
          db.set('VM_metrics', fields.metrics, { memory_actual: memory });
      }
    });
    this.#memory.clear();
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#later.clear();
    this.#memory.clear();
  }

  /** What one domain does wrong must not keep the host from telling of the others. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (thrown) {
      this.#api.log.error({ err: thrown }, 'a change of a domain could not be recorded');
    }
  }

  #state(ref: Ref<'host'>, host: Host, state: DomainState): void {
    const { db } = this.#api;
    const vm = db.table('VM').refsByUuid.get(state.uuid) as Ref<'VM'> | undefined;
    const fields = vm && db.get('VM', vm);
    if (fields && isBeingMoved(fields)) {
      this.#later.set(vm, { ref, host });
      return;
    }
    if (fields && state.memory !== undefined && this.#goesOn(fields, ref, state)) {
      this.#memory.set(state.uuid, state.memory);
      if (!this.#deferMemory) this.flushMemory();
    } else domainChange(this.#api, vm, ref, state, 'tell');
  }

  /** Whether nothing is new but the memory. */
  #goesOn(vm: Fields<'VM'>, host: Ref<'host'>, state: DomainState): boolean {
    const { power, domid } = state;
    return vm.power_state === power && vm.domid === domid && vm.resident_on === host && isSameBoot(this.#api, vm, state);
  }

  #guest(ref: Ref<'host'>, host: Host, uuid: string): void {
    const { db } = this.#api;
    const vm = db.table('VM').refsByUuid.get(uuid) as Ref<'VM'> | undefined;
    if (vm === undefined) return;
    const fields = db.get('VM', vm);
    const guest = guestState(host, uuid);
    if (!guest && isBeingMoved(fields)) this.#later.set(vm, { ref, host });
    else if (fields.domid >= 0 && fields.resident_on === ref) this.#write(vm, host, uuid);
  }

  #write(vm: Ref<'VM'>, host: Host, uuid: string): void {
    const guest = guestState(host, uuid);
    if (guest) writeGuest(this.#api, vm, guest);
    else dropGuest(this.#api, vm);
  }

  /** An operation on the VM may have ended. Listeners may not write, so what is to be written waits for the next turn. */
  #lookAgain(vm: string): void {
    const { db } = this.#api;
    const fields = db.find('VM', vm)?.fields;
    if (fields && isBeingMoved(fields)) return;
    const entry = this.#later.get(vm);
    this.#later.delete(vm);
    if (fields && entry) setImmediate(() => this.#guarded(() => this.#afterwards(vm as Ref<'VM'>, entry)));
  }

  #afterwards(vm: Ref<'VM'>, { ref, host }: { ref: Ref<'host'>; host: Host }): void {
    const fields = this.#api.db.find('VM', vm)?.fields;
    if (!fields) return;
    if (isBeingMoved(fields)) {
      this.#later.set(vm, { ref, host });
      return;
    }
    const state = lastState(host, fields.uuid) ?? { uuid: fields.uuid, power: 'Halted', domid: -1, startedAt: 0 };
    domainChange(this.#api, vm, ref, state, 'tell');
    const now = this.#api.db.find('VM', vm)?.fields;
    if (now && now.domid >= 0 && now.resident_on === ref) this.#write(vm, host, now.uuid);
  }
}
