import type { Database, Patch } from '../../db/database.js';
import type { Volume } from '../../host/storage.js';
import { NULL_REF, type Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import { removeVbdRecord } from './vbd-record.js';
import { joinLabelled, labelledFields } from './volume-label.js';

/** What storage says of a volume, as fields of its VDI. Names are not among them: the database leads there. */
export function volumeFields(volume: Volume): Patch<'VDI'> {
  return {
    location: volume.location,
    virtual_size: volume.virtualSize,
    physical_utilisation: volume.physicalUtilisation,
    sm_config: volume.smConfig,
    read_only: volume.readOnly,
    is_tools_iso: volume.smConfig.get('xs-tools') === 'true',
  };
}

/** The same for a VDI that is known: one that may not be written to by a client's wish stays so, and so does what a snapshot says of its disk. */
export function changedFields(vdi: Fields<'VDI'>, volume: Volume): Patch<'VDI'> {
  return { ...volumeFields(volume), read_only: vdi.read_only || (volume.readOnly && !vdi.is_a_snapshot) };
}

/** Makes the record of a volume; `fields` has what storage does not know. */
export function recordVolume(db: Database, sr: Ref<'SR'>, volume: Volume, fields: Patch<'VDI'>): Ref<'VDI'> {
  return db.create('VDI', {
    uuid: volume.uuid,
    name_label: volume.name,
    name_description: volume.description,
    SR: sr,
    type: 'user',
    managed: true,
    ...volumeFields(volume),
    ...labelledFields(volume),
    ...fields,
  });
}

/** Makes the records of volumes that were found in an SR, as they were where they were made. */
export function recordVolumes(db: Database, sr: Ref<'SR'>, volumes: Iterable<Volume>): void {
  const made = Array.from(volumes, (volume) => [recordVolume(db, sr, volume, {}), volume] as const);
  joinLabelled(db, sr, made);
}

/** The sm_config of a new disk: several VMs can write to plain bytes alone. */
export function driverConfig(
  sharable = false,
  smConfig: ReadonlyMap<string, string> = new Map<string, string>(),
): ReadonlyMap<string, string> {
  return sharable ? new Map([...smConfig, ['type', 'raw']]) : smConfig;
}

/** What a snapshot, clone or copy takes over from its origin besides the data. */
export function inheritedFields(origin: Fields<'VDI'>): Patch<'VDI'> {
  return {
    name_label: origin.name_label,
    name_description: origin.name_description,
    type: origin.type,
    sharable: origin.sharable,
    other_config: origin.other_config,
    xenstore_data: origin.xenstore_data,
    allow_caching: origin.allow_caching,
    on_boot: origin.on_boot,
    tags: origin.tags,
  };
}

/**
 * Removes the record of a VDI with everything that only makes sense with it: VBDs, crash dumps, its place as the memory
 * image of a VM. CD drives of VMs stay, empty.
 */
export function removeVdiRecord(db: Database, vdi: string): void {
  db.transaction(() => {
    const { VBDs, crash_dumps } = db.get('VDI', vdi);
    for (const vbd of VBDs) {
      const drive = db.find('VBD', vbd)?.fields;
      if (drive?.type === 'CD') db.set('VBD', vbd, { VDI: NULL_REF, empty: true });
      else if (drive) removeVbdRecord(db, vbd);
    }
    for (const dump of crash_dumps) if (db.exists('crashdump', dump)) db.destroy('crashdump', dump);
    for (const [vm] of db.filter('VM', (fields) => fields.suspend_VDI === vdi)) db.set('VM', vm, { suspend_VDI: NULL_REF });
    db.destroy('VDI', vdi);
  });
}
