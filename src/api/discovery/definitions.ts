import type { CommittedChange } from '../../db/commit.js';
import type { DomainSpec, FoundDomain } from '../../host/compute.js';
import type { Host } from '../../host/host.js';
import type { Unsubscribe } from '../../host/progress.js';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import type { Api } from '../api.js';
import { removeVmRecord } from '../classes/VM/destroy.js';
import { bootSpec } from '../classes/VM/lifecycle/domain-spec.js';
import { domainChange } from '../world/domain-change.js';
import { listDomains } from '../world/domain-states.js';
import { isBeingMoved } from '../world/watch-domains.js';
import { adoptDomain } from './adopt.js';
import type { DefinedDomains } from './defined-domains.js';
import { followCards, followDrives } from './found-devices.js';
import { findVdis } from './found-disks.js';
import { changedFields } from './vm-fields.js';

/** Milliseconds in which changes of a VM are gathered before its description on the host is renewed. */
const GATHERING = 20;
/** Milliseconds until what could not be done is tried again because the host was away. */
const AGAIN = 2000;
/** Domains that are worked on at a time: clients that start VMs meanwhile are not to wait behind thousands of descriptions. */
const AT_A_TIME = 8;

/** What is to be done for a domain; both may be. */
interface Due {
  define?: boolean;
  /** Where the data of a disk is may have changed, which the VM does not say: the host compares. */
  compare?: boolean;
  look?: boolean;
}

/**
 * Keeps the VMs of a pool and the domains that a host has defined in step, both ways: a VM is an ordinary domain that the host's
 * own tools show and start, and what somebody changes with those tools shows in the VM. Work on one domain is done one
 * after the other, so that what we write is never taken for what somebody else wrote.
 */
export class Definitions {
  readonly #api: Api;
  readonly #ref: Ref<'host'>;
  readonly #host: Host;
  readonly #defined: DefinedDomains;
  /** What each domain was when we wrote or saw it last. */
  readonly #last = new Map<string, DomainSpec>();
  readonly #due = new Map<string, Due>();
  readonly #busy = new Set<string>();
  /** What is due once the host is there again. */
  readonly #postponed = new Map<string, Due>();
  readonly #stops: Unsubscribe[] = [];
  #timer: NodeJS.Timeout | undefined;
  #again: NodeJS.Timeout | undefined;
  #isStopped = false;
  /** Domains that live, while a database that was restored is brought in step. */
  #living: ReadonlySet<string> | undefined;

  constructor(api: Api, ref: Ref<'host'>, host: Host, defined: DefinedDomains) {
    this.#api = api;
    this.#ref = ref;
    this.#host = host;
    this.#defined = defined;
  }

  /**
   * Takes in what is on the host, then follows both sides until `stop`. `restored`: the database is an older one that was put back,
   * so that what its VMs are called and consist of is right, and descriptions on the host are not; only devices of what lives are.
   */
  async start(restored = false): Promise<void> {
    const { compute } = this.#host;
    this.#stops.push(compute.onDefinition((uuid) => this.#note(uuid, { look: true })));
    if (restored)
      this.#living = new Set((await listDomains(this.#host)).flatMap((one) => (one.power === 'Halted' ? [] : [one.uuid])));
    await this.takeIn();
    this.#living = undefined;
    this.#stops.push(this.#api.db.onChange((changes) => this.#changed(changes)));
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#again);
    for (const stop of this.#stops.splice(0)) stop();
  }

  /** Compares everything; whether domains live, the caller finds out. Domains that nobody knows become VMs, VMs that the host lacks are defined or, if the host had them, gone. */
  async takeIn(): Promise<void> {
    const found = await this.#host.compute.describe();
    const there = new Set(found.map(({ uuid }) => uuid));
    for (const domain of found) {
      const vm = this.#find(domain.uuid);
      // One of which no VM can be made must not keep the others from being there.
      await this.#logged(domain.uuid, async () => void (vm ? await this.#catchUp(vm, domain) : await this.#adopt(domain)));
    }
    for (const [, { uuid }] of this.#api.db.filter('VM', (fields) => isOrdinary(fields) && this.#isHere(fields))) {
      if (there.has(uuid)) continue;
      if (!this.#defined.has(uuid)) this.#note(uuid, { define: true });
      // One that is there and could not be read is missing in the list, too: only asking for it tells.
      else await this.#logged(uuid, () => this.#look(uuid, this.#find(uuid)));
    }
  }

  async #logged(uuid: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      this.#api.log.warn({ err: thrown, vm: uuid }, 'a domain and its VM could not be brought in step');
    }
  }

  #find(uuid: string): Ref<'VM'> | undefined {
    return this.#api.db.table('VM').refsByUuid.get(uuid) as Ref<'VM'> | undefined;
  }

  /** Halted VMs are kept by the host that they ran on last or are meant for; by the master where none is. */
  #isHere(vm: Fields<'VM'>): boolean {
    const { db, localHost } = this.#api;
    const place = [vm.resident_on, vm.affinity].find((host) => db.exists('host', host)) ?? localHost;
    return place === this.#ref;
  }

  async #adopt(domain: FoundDomain): Promise<Ref<'VM'>> {
    const vm = await adoptDomain(this.#api, this.#ref, domain);
    this.#last.set(domain.uuid, domain);
    this.#defined.add(domain.uuid);
    return vm;
  }

  /** Of a domain that appeared while everything else was known already, nobody else asks whether it lives. */
  async #adoptAlone(domain: FoundDomain): Promise<void> {
    const vm = await this.#adopt(domain);
    const state = (await listDomains(this.#host)).find(({ uuid }) => uuid === domain.uuid);
    if (state && state.power !== 'Halted') domainChange(this.#api, vm, this.#ref, state, 'quiet');
  }

  /** What was changed while nobody looked. Nothing is taken away: what the host lacks may not have reached it. */
  async #catchUp(vm: Ref<'VM'>, now: FoundDomain): Promise<void> {
    const { db } = this.#api;
    this.#defined.add(now.uuid);
    if (!isOrdinary(db.get('VM', vm))) return;
    const before = bootSpec(this.#api, vm);
    const kept = { disks: before.disks.filter(isIn(now.disks, 'vbd')), nics: before.nics.filter(isIn(now.nics, 'vif')) };
    // A restored record leads in all but the devices of what lives.
    const seen = this.#living ? { ...now, ...before, disks: now.disks, nics: now.nics } : now;
    if (!this.#living || this.#living.has(now.uuid)) await this.#apply(vm, { ...before, ...kept }, seen);
    this.#last.set(now.uuid, now);
    this.#note(now.uuid, { define: true });
  }

  /** Changes of the records: of which VM they are, or were. */
  #changed(changes: readonly CommittedChange[]): void {
    for (const { table, row, kind } of changes) {
      const { name } = table.model;
      if (name === 'VM') {
        const { uuid } = row.version.fields as Fields<'VM'>;
        if (kind !== 'touch') this.#note(uuid, { define: true });
      } else if (name === 'VBD' || name === 'VIF' || name === 'VTPM')
        this.#noteVm((row.version.fields as Fields<'VBD' | 'VIF' | 'VTPM'>).VM);
      else if (name === 'network' && kind === 'mod') {
        for (const vif of (row.version.fields as Fields<'network'>).VIFs) this.#noteVm(this.#api.db.find('VIF', vif)?.fields.VM);
      } else if (name === 'VDI' && kind === 'mod') {
        // Snapshots and clones move the data of a disk to another file; the operation on it ends with a change of its record.
        for (const vbd of (row.version.fields as Fields<'VDI'>).VBDs)
          this.#noteVm(this.#api.db.find('VBD', vbd)?.fields.VM, { define: true, compare: true });
      }
    }
  }

  #noteVm(vm: Ref<'VM'> | undefined, due: Due = { define: true }): void {
    const uuid = vm && this.#api.db.find('VM', vm)?.fields.uuid;
    if (uuid !== undefined) this.#note(uuid, due);
  }

  #note(uuid: string, due: Due): void {
    this.#due.set(uuid, { ...this.#due.get(uuid), ...due });
    this.#wake();
  }

  #wake(): void {
    if (this.#isStopped) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#work();
    }, GATHERING).unref();
  }

  #work(): void {
    for (const [uuid, due] of this.#due) {
      if (this.#busy.size >= AT_A_TIME) return;
      if (this.#busy.has(uuid)) continue;
      const vm = this.#find(uuid);
      // The change that ends the operation brings it back here.
      if (vm && isBeingMoved(this.#api.db.get('VM', vm))) continue;
      this.#due.delete(uuid);
      this.#busy.add(uuid);
      void this.#logged(uuid, () => this.#serveOrPostpone(uuid, vm, due)).then(() => {
        const waited = this.#busy.size >= AT_A_TIME;
        this.#busy.delete(uuid);
        if (waited || this.#due.has(uuid)) this.#wake();
      });
    }
  }

  /** What somebody has changed in a VM while its host was away is not to be lost. */
  async #serveOrPostpone(uuid: string, vm: Ref<'VM'> | undefined, due: Due): Promise<void> {
    try {
      await this.#serve(uuid, vm, due);
    } catch (thrown) {
      if (!(thrown instanceof ApiError) || thrown.code !== 'HOST_OFFLINE') throw thrown;
      this.#postponed.set(uuid, { ...this.#postponed.get(uuid), ...due });
      this.#again ??= setTimeout(() => {
        this.#again = undefined;
        for (const [one, its] of this.#postponed) this.#note(one, its);
        this.#postponed.clear();
      }, AGAIN).unref();
    }
  }

  async #serve(uuid: string, vm: Ref<'VM'> | undefined, due: Due): Promise<void> {
    if (due.look) await this.#look(uuid, vm);
    if (due.define) await this.#define(uuid, due.compare);
  }

  /** Somebody may have changed the domain on the host. */
  async #look(uuid: string, vm: Ref<'VM'> | undefined): Promise<void> {
    const now = await this.#host.compute.describeOne(uuid);
    if (!now) {
      const fields = vm && this.#api.db.find('VM', vm)?.fields;
      if (fields && isOrdinary(fields) && !isBeingMoved(fields) && this.#isHere(fields) && this.#defined.has(uuid))
        this.#gone(vm, fields);
      return;
    }
    if (!vm) {
      // A description that was on its way when its VM was destroyed is nobody's domain.
      if (this.#defined.has(uuid)) await this.#define(uuid);
      else await this.#adoptAlone(now);
      return;
    }
    const before = this.#last.get(uuid);
    if (!isOrdinary(this.#api.db.get('VM', vm))) return;
    // Also where we were never told that it had come to be: the answer may have been lost with the connection.
    this.#defined.add(uuid);
    if (before) await this.#apply(vm, before, now);
    this.#last.set(uuid, now);
  }

  async #apply(vm: Ref<'VM'>, before: DomainSpec, now: FoundDomain): Promise<void> {
    const { db } = this.#api;
    const vdis = await findVdis(this.#api, this.#ref, now.disks);
    if (!db.exists('VM', vm)) return;
    db.transaction(() => {
      const lives = db.get('VM', vm).domid >= 0;
      const { name_label, name_description, ...others } = changedFields(before, now);
      const names = {
        ...(name_label !== undefined && { name_label }),
        ...(name_description !== undefined && { name_description }),
      };
      // Settings of a domain that lives are those of its boot; what the next one will have shows when it has ended.
      db.set('VM', vm, lives ? names : { ...others, ...names });
      followDrives(db, { vm, before, now, lives }, vdis);
      followCards(db, { vm, before, now, lives });
    });
  }

  /** Writes the VM to the host as it is now; takes it from there when it is no VM any more. */
  async #define(uuid: string, compare = false): Promise<void> {
    const vm = this.#find(uuid);
    const fields = vm && this.#api.db.get('VM', vm);
    if (!fields || !isOrdinary(fields)) {
      if (!this.#defined.has(uuid)) return;
      // Not before the host has forgotten it: it would come back as somebody else's.
      await this.#host.compute.forget(uuid);
      this.#defined.delete(uuid);
      this.#last.delete(uuid);
      return;
    }
    if (!this.#isHere(fields)) return;
    const spec = bootSpec(this.#api, vm);
    const last = this.#last.get(uuid);
    if (last && !compare && isSameSpec(last, spec)) return;
    await this.#host.compute.define(spec);
    this.#defined.add(uuid);
    this.#last.set(uuid, spec);
  }

  /** Its disks stay, as those of every VM that is destroyed. */
  #gone(vm: Ref<'VM'>, { uuid, name_label }: Fields<'VM'>): void {
    const { db, alerts, log } = this.#api;
    this.#defined.delete(uuid);
    this.#last.delete(uuid);
    removeVmRecord(db, vm);
    alerts.create({
      name: 'VM_DELETED',
      priority: 5,
      cls: 'VM',
      objUuid: uuid,
      body: `VM '${name_label}': undefined on its host`,
    });
    log.info({ uuid }, 'a domain was undefined on the host: its VM is gone');
  }
}

/** Whether a record stands for a machine: templates, snapshots and control domains do not. */
function isOrdinary({ is_a_template, is_a_snapshot, is_control_domain }: Fields<'VM'>): boolean {
  return !is_a_template && !is_a_snapshot && !is_control_domain;
}

function isIn<K extends string>(
  list: readonly Readonly<Record<K, string>>[],
  key: K,
): (item: Readonly<Record<K, string>>) => boolean {
  const keys = new Set(list.map((item) => item[key]));
  return (item) => keys.has(item[key]);
}

/** Compares descriptions as texts; maps count by their entries. */
function isSameSpec(one: DomainSpec, other: DomainSpec): boolean {
  return textOf(one) === textOf(other);
}

function textOf({ uuid, name, description, vcpus, memory, boot, platform, guestData, disks, nics, after }: DomainSpec): string {
  return JSON.stringify(
    [uuid, name, description, vcpus, memory, boot, platform, guestData, disks, nics, after],
    (_, value: unknown) => (value instanceof Map ? [...value].sort() : value),
  );
}
