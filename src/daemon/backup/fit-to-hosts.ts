import type { Database } from '../../db/database.js';
import { ApiError } from '../../model/error.js';
import { NULL_REF, type Ref } from '../../model/ref.js';
import type { ClassName, Fields } from '../../model/types.js';
import type { DumpObject } from '../../wire/database-dump.js';
import { unusable } from './database-objects.js';

/** Objects of a dump that can be changed, by reference. */
type Objects = Map<string, { readonly className: ClassName; readonly fields: Map<string, unknown> }>;

/** Classes whose objects are part of a host, by the field that names it. */
const PARTS: ReadonlyMap<ClassName, string> = new Map([
  ['PIF', 'host'],
  ['PBD', 'host'],
  ['PCI', 'host'],
  ['PGPU', 'host'],
  ['PUSB', 'host'],
  ['host_cpu', 'host'],
  ['host_crashdump', 'host'],
]);

/**
 * Makes the objects of a dump those of the hosts that the pool has now: hosts that are no longer there go, the master of the dump
 * becomes this host where it is another machine, and cards keep the addresses and the part in management that they have now, as
 * with the original. Throws RESTORE_TARGET_MISSING_DEVICE, RESTORE_TARGET_MGMT_IF_NOT_IN_BACKUP.
 */
export function fitToHosts(db: Database, localHost: Ref<'host'>, dump: readonly DumpObject[]): readonly DumpObject[] {
  const objects: Objects = new Map(dump.map(({ ref, className, fields }) => [ref, { className, fields: new Map(fields) }]));
  const [pool] = of(objects, 'pool');
  if (!pool) throw unusable('there is no pool in it');
  const master = String(pool[1].get('master'));
  for (const [ref, fields] of [...of(objects, 'host')]) {
    const known = db.table('host').refsByUuid.get(String(fields.get('uuid'))) as Ref<'host'> | undefined;
    const now = known ?? (ref === master ? localHost : undefined);
    const isTaken = ref !== master && known === localHost && takesPlace(db, objects, master, localHost);
    if (now === undefined || isTaken) removeHost(objects, ref);
    else fitHost(db, objects, ref, now);
  }
  return Array.from(objects, ([ref, object]) => ({ ref, ...object }));
}

/** Whether the master of a dump becomes the local host because nothing else of the pool is it. */
function takesPlace(db: Database, objects: Objects, master: string, localHost: Ref<'host'>): boolean {
  const uuid = String(objects.get(master)?.fields.get('uuid'));
  return !db.table('host').refsByUuid.has(uuid) || uuid === db.get('host', localHost).uuid;
}

function* of(objects: Objects, className: ClassName): Generator<[string, Map<string, unknown>]> {
  for (const [ref, object] of objects) if (object.className === className) yield [ref, object.fields];
}

function removeHost(objects: Objects, host: string): void {
  for (const [className, field] of PARTS)
    for (const [ref, fields] of [...of(objects, className)]) if (fields.get(field) === host) objects.delete(ref);
  for (const [ref, fields] of [...of(objects, 'VM')]) {
    if (fields.get('resident_on') === host) {
      if (fields.get('is_control_domain') === true) objects.delete(ref);
      else putAway(fields);
    }
    for (const name of ['affinity', 'scheduled_to_be_resident_on']) if (fields.get(name) === host) fields.set(name, NULL_REF);
  }
  objects.delete(host);
}

/** What ran on a host that is no more runs no more. */
function putAway(fields: Map<string, unknown>): void {
  fields.set('resident_on', NULL_REF);
  fields.set('domid', -1);
  if (fields.get('power_state') !== 'Suspended') fields.set('power_state', 'Halted');
}

function fitHost(db: Database, objects: Objects, ref: string, now: Ref<'host'>): void {
  const { uuid, control_domain, PIFs } = db.get('host', now);
  const host = objects.get(ref)?.fields;
  host?.set('uuid', uuid);
  const domain = objects.get(String(host?.get('control_domain')));
  if (domain?.className === 'VM' && db.exists('VM', control_domain)) domain.fields.set('uuid', db.get('VM', control_domain).uuid);
  fitCards(
    objects,
    ref,
    PIFs.flatMap((pif) => db.find('PIF', pif)?.fields ?? []),
  );
}

function fitCards(objects: Objects, host: string, present: readonly Fields<'PIF'>[]): void {
  const management = present.find((pif) => pif.management);
  let found = false;
  for (const [, fields] of of(objects, 'PIF')) {
    if (fields.get('host') !== host) continue;
    const device = String(fields.get('device'));
    const isManagement = management?.device === device && management.VLAN === fields.get('VLAN');
    found ||= isManagement;
    fields.set('management', isManagement);
    if (fields.get('physical') !== true) continue;
    const card = present.find((pif) => pif.physical && pif.device === device);
    if (!card) throw new ApiError('RESTORE_TARGET_MISSING_DEVICE', device);
    fields.set('MAC', card.MAC);
  }
  if (management && !found) throw new ApiError('RESTORE_TARGET_MGMT_IF_NOT_IN_BACKUP');
}
