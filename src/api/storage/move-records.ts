import type { Volume } from '../../host/storage.js';
import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import type { Api } from '../api.js';
import { inheritedFields, recordVolume, removeVdiRecord } from './vdi-record.js';

/** A disk with its copy elsewhere. */
export interface MovedVolume {
  readonly from: Ref<'VDI'>;
  readonly volume: Volume;
}

/** Puts the new disks in the places of the old ones: drives, memory images, origins of snapshots. The last is the leaf. */
export function replaceRecords({ db }: Api, moved: readonly MovedVolume[], sr: Ref<'SR'>): Ref<'VDI'> {
  const copies = new Map<string, Ref<'VDI'>>();
  for (const { from, volume } of moved) {
    const old = db.get('VDI', from);
    const copy = recordVolume(db, sr, volume, { ...inheritedFields(old), ...kept(old) });
    copies.set(from, copy);
    for (const vbd of old.VBDs) db.set('VBD', vbd, { VDI: copy });
    for (const [vm] of db.filter('VM', (vm) => vm.suspend_VDI === from)) db.set('VM', vm, { suspend_VDI: copy });
  }
  let leaf: Ref<'VDI'> | undefined;
  for (const [from, copy] of copies) {
    const origin = copies.get(db.get('VDI', copy).snapshot_of);
    if (origin) db.set('VDI', copy, { snapshot_of: origin });
    for (const snapshot of db.get('VDI', from).snapshots)
      if (!copies.has(snapshot) && !isCopy(copies, snapshot)) db.set('VDI', snapshot, { snapshot_of: copy });
    removeVdiRecord(db, from);
    leaf = copy;
  }
  if (!leaf) throw new Error('nothing was moved');
  return leaf;
}

function isCopy(copies: ReadonlyMap<string, Ref<'VDI'>>, vdi: Ref<'VDI'>): boolean {
  return [...copies.values()].includes(vdi);
}

function kept(old: Fields<'VDI'>): Partial<Fields<'VDI'>> {
  const { is_a_snapshot, snapshot_of, snapshot_time, read_only, managed } = old;
  return { is_a_snapshot, snapshot_of, snapshot_time, read_only, managed };
}
