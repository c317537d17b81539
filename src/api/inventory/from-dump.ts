import type { Database } from '../../db/database.js';
import { derivedFields, relationEnds } from '../../db/relations.js';
import { isNullRef, NULL_REF, type Ref } from '../../model/ref.js';
import type { ClassName, Fields } from '../../model/types.js';
import type { DumpObject } from '../../wire/database-dump.js';
import type { WantedState } from './create-pool.js';
import { type DumpedHost, dumpedHosts } from './dumped-hosts.js';
import { loadRoles } from './role-records.js';

/** A pool that was filled in from a dump, and what has to stand behind it. */
export interface DumpedPool {
  /** The host that this daemon takes the part of. */
  readonly master: Ref<'host'>;
  /** Hosts of these uuids must be there before the API is built. */
  readonly hosts: readonly DumpedHost[];
  /** For `startWorld`: VMs that lived when the dump was made. They are halted so far. */
  readonly wanted: readonly WantedState[];
  /** Uuids of those whose guests had no tools. */
  readonly withoutTools: readonly string[];
}

type Values = Record<string, unknown>;

/**
 * Fills an empty database with the objects of a dump; references stay as they are. Sessions and tasks are in no dump;
 * roles are this server's own. Throws when the dump holds no pool or no master.
 */
export async function loadDump(db: Database, objects: AsyncIterable<DumpObject> | Iterable<DumpObject>): Promise<DumpedPool> {
  const all: DumpObject[] = [];
  for await (const object of objects) if (object.className !== 'role') all.push(object);
  const wanted = db.transaction(() => {
    for (const object of all) createUnrelated(db, object);
    for (const object of all) relate(db, object);
    return [...db.all('pool')].length === 1 ? lastStates(db) : undefined;
  });
  loadRoles(db);
  const [pool] = [...db.all('pool')];
  if (!pool || !wanted) throw new Error('the dump holds no pool, or more than one');
  const { master } = pool[1];
  if (!db.exists('host', master)) throw new Error('the dump does not hold the master of its pool');
  // Before its domains are halted: what ran on a host tells how much memory it has, where nothing else does.
  const hosts = dumpedHosts(db, master);
  const silent = living(db).filter(([, vm]) => !db.exists('VM_guest_metrics', vm.guest_metrics));
  db.transaction(() => haltDomains(db));
  return { master, hosts, wanted, withoutTools: silent.map(([, { uuid }]) => uuid) };
}

/** An object without its relations: what they lead to may come later in the dump. */
function createUnrelated(db: Database, { className, ref, fields }: DumpObject): void {
  const ends = relationEnds(className);
  const derived = derivedFields(className);
  const own: Values = {};
  for (const [name, value] of fields) if (!ends.has(name) && !derived.has(name)) own[name] = value;
  db.create(className, own as Partial<Fields<ClassName>>, ref as Ref<ClassName>);
}

/** Sets that follow from the references of others fill themselves. */
function relate(db: Database, { className, ref, fields }: DumpObject): void {
  const derived = derivedFields(className);
  const related: Values = {};
  for (const name of relationEnds(className).keys()) if (!derived.has(name)) related[name] = fields.get(name);
  if (Object.keys(related).length) db.set(className, ref, related as Partial<Fields<ClassName>>);
}

/** VMs that lived on a host. */
function lastStates(db: Database): WantedState[] {
  return living(db).flatMap(([vm, { resident_on: host, power_state: power }]) => (isNullRef(host) ? [] : [{ vm, host, power }]));
}

function living(db: Database): [Ref<'VM'>, Fields<'VM'>][] {
  return db.filter('VM', (vm) => {
    const lived = vm.power_state === 'Running' || vm.power_state === 'Paused';
    return lived && !vm.is_control_domain && !vm.is_a_template;
  });
}

/** Nothing runs behind a dump. What ran is started again; what tools and consoles told of it then is no longer true. */
function haltDomains(db: Database): void {
  for (const [vm, fields] of living(db)) {
    db.set('VM', vm, { power_state: 'Halted', domid: -1, resident_on: NULL_REF, guest_metrics: NULL_REF });
    for (const vbd of fields.VBDs) db.set('VBD', vbd, { currently_attached: false, reserved: false });
    for (const vif of fields.VIFs) db.set('VIF', vif, { currently_attached: false, reserved: false });
    for (const console of fields.consoles) db.destroy('console', console);
    if (db.exists('VM_guest_metrics', fields.guest_metrics)) db.destroy('VM_guest_metrics', fields.guest_metrics);
  }
  for (const [vm] of db.filter('VM', (fields) => !isNullRef(fields.scheduled_to_be_resident_on)))
    db.set('VM', vm, { scheduled_to_be_resident_on: NULL_REF });
}
