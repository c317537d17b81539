import type { Database } from '../../../db/database.js';
import type { Ref } from '../../../model/ref.js';
import type { ImportContext } from './context.js';
import type { FileRecord } from './file-objects.js';

/** Notes the hosts that the file names and the pool has. */
export function findHosts({ api: { db }, objects, refs }: ImportContext): void {
  for (const { id, fields } of objects.of('host')) {
    const host = db.table('host').refsByUuid.get(fields.uuid);
    if (host !== undefined) refs.set('host', id, host as Ref<'host'>);
  }
}

/** Notes the networks of the pool that have the name or else the bridge of those of the file; returns those that there are none for. */
export function findNetworks({ api: { db }, objects, refs }: ImportContext): FileRecord<'network'>[] {
  return objects.of('network').filter(({ id, fields }) => {
    const [byName] = db.filter('network', ({ name_label }) => name_label === fields.name_label);
    const [found] = byName ?? db.filter('network', ({ bridge }) => bridge === fields.bridge)[0] ?? [];
    if (found !== undefined) refs.set('network', id, found);
    return found === undefined;
  });
}

/** Whether a VDI of the file lay in an SR of CDs. Throws IMPORT_ERROR_FAILED_TO_FIND_OBJECT when its SR is not in the file. */
export function isIso({ objects }: Pick<ImportContext, 'objects'>, { fields }: FileRecord<'VDI'>): boolean {
  return objects.get('SR', fields.SR).fields.content_type === 'iso';
}

/** A CD of the pool that lies in its SR under the same name: the file holds none. */
export function findIso(db: Database, { fields: { location } }: FileRecord<'VDI'>): Ref<'VDI'> | undefined {
  const [found] = db.filter('VDI', (vdi) => {
    const sr = db.find('SR', vdi.SR)?.fields;
    return vdi.location === location && sr?.content_type === 'iso' && sr.type !== 'udev';
  });
  return found?.[0];
}
