import type { Database } from '../../db/database.js';
import type { Volume } from '../../host/storage.js';
import { isNullRef, NULL_REF, type Ref } from '../../model/ref.js';
import type { ClassName, Fields } from '../../model/types.js';
import type { Api } from '../api.js';
import { target } from '../operations/operations.js';
import { standInTask } from '../stand-in-task.js';
import { storageForSr } from '../storage/placement.js';
import { readSpace, recordSpace } from '../storage/space.js';
import { changedFields, recordVolumes } from '../storage/vdi-record.js';
import { bringLabelsUp } from '../storage/volume-label.js';
import { ensureMetrics } from './domain-records.js';

/** What was found half-made, and what became of it. */
export interface Recovery {
  /** Records that belonged to something that is gone, and were removed. */
  readonly orphans: number;
  /** VDIs whose data is not on the storage; they are marked as missing. */
  readonly missing: number;
  /** Data on the storage that no VDI named; each is a VDI now, for the user to keep or destroy. */
  readonly found: number;
}

/**
 * Finishes or undoes what an earlier run of the daemon left half-made. Each transaction is whole or absent, so what is
 * left are steps of longer work: a device of a VM that is gone, a volume whose record was not written any more. Tasks
 * do not outlive the daemon. Called when hosts and storage are attached.
 */
export async function recover(api: Api): Promise<Recovery> {
  const orphans = sweepOrphans(api);
  let missing = 0;
  let found = 0;
  for (const sr of api.db.table('SR').rows.keys()) {
    const outcome = await compareVolumes(api, sr as Ref<'SR'>);
    missing += outcome.missing;
    found += outcome.found;
  }
  const recovery = { orphans, missing, found };
  if (orphans || missing || found) api.log.warn(recovery, 'half-made objects of an earlier run were found');
  return recovery;
}

/** Removes records that belong to something that is gone; gives VMs the measurements that each must have. */
export function sweepOrphans(api: Api): number {
  const { db } = api;
  let removed = 0;
  const sweep = <C extends ClassName>(className: C, belongs: (fields: Fields<C>) => boolean): void => {
    for (const [ref] of db.filter(className, (fields) => !belongs(fields))) {
      db.destroy(className, ref);
      removed += 1;
    }
  };
  db.transaction(() => {
    sweep('VBD', (vbd) => db.exists('VM', vbd.VM));
    sweep('VIF', (vif) => db.exists('VM', vif.VM) && db.exists('network', vif.network));
    sweep('VUSB', (vusb) => db.exists('VM', vusb.VM));
    sweep('VGPU', (vgpu) => db.exists('VM', vgpu.VM));
    sweep('VTPM', (vtpm) => db.exists('VM', vtpm.VM));
    sweep('console', (console) => db.exists('VM', console.VM));
    sweep('PBD', (pbd) => db.exists('host', pbd.host) && db.exists('SR', pbd.SR));
    sweep('VDI', (vdi) => db.exists('SR', vdi.SR));
    sweep('PIF', (pif) => db.exists('host', pif.host));
    removed += emptyDrives(db);
    const vms = [...db.all('VM')];
    for (const [vm] of vms) ensureMetrics(api, vm);
    removed += unnamed(
      db,
      'VM_metrics',
      vms.map(([vm]) => db.get('VM', vm).metrics),
    );
    removed += unnamed(
      db,
      'VM_guest_metrics',
      vms.map(([, vm]) => vm.guest_metrics),
    );
    removed += unnamed(
      db,
      'host_metrics',
      [...db.all('host')].map(([, host]) => host.metrics),
    );
    removed += unnamed(
      db,
      'PIF_metrics',
      [...db.all('PIF')].map(([, pif]) => pif.metrics),
    );
  });
  return removed;
}

/** Drives whose VDI is gone: a CD drive is empty now, a disk is no more. */
function emptyDrives(db: Database): number {
  let removed = 0;
  for (const [ref, vbd] of db.filter('VBD', (drive) => !isNullRef(drive.VDI) && !db.exists('VDI', drive.VDI))) {
    if (vbd.type === 'CD') db.set('VBD', ref, { VDI: NULL_REF, empty: true });
    else db.destroy('VBD', ref);
    removed += 1;
  }
  return removed;
}

function unnamed(db: Database, className: ClassName, named: readonly string[]): number {
  const kept = new Set(named);
  const gone = [...db.table(className).rows.keys()].filter((ref) => !kept.has(ref));
  for (const ref of gone) db.destroy(className, ref);
  return gone.length;
}

async function compareVolumes(api: Api, sr: Ref<'SR'>): Promise<{ missing: number; found: number }> {
  const { db } = api;
  const nothing = { missing: 0, found: 0 };
  const plugged = db.find('SR', sr)?.fields.PBDs.some((pbd) => db.find('PBD', pbd)?.fields.currently_attached);
  if (!plugged) return nothing;
  try {
    return await api.operations.run(standInTask({ local: true, address: '' }), [target('SR', sr, 'scan')], async () => {
      const storage = storageForSr(api, sr);
      const volumes = await storage.scan(db.get('SR', sr).uuid);
      const space = await readSpace(api, storage, sr);
      const outcome = db.transaction(() => {
        recordSpace(db, sr, space);
        return matchVolumes(db, sr, volumes);
      });
      // A start does not wait for that.
      void bringLabelsUp(api, sr, volumes);
      return outcome;
    });
  } catch (thrown) {
    api.log.warn({ err: thrown, sr: db.find('SR', sr)?.fields.uuid }, 'what is in an SR could not be compared');
    return nothing;
  }
}

/**
 * Unlike a scan that a user asks for, this removes no record: at a start, storage may be away that comes back.
 */
function matchVolumes(db: Database, sr: Ref<'SR'>, volumes: readonly Volume[]): { missing: number; found: number } {
  const there = new Map(volumes.map((volume) => [volume.location, volume]));
  let missing = 0;
  for (const vdi of db.get('SR', sr).VDIs) {
    const fields = db.get('VDI', vdi);
    const volume = there.get(fields.location);
    there.delete(fields.location);
    // After data_destroy only the record is left, and it is meant to stay.
    if (fields.type === 'cbt_metadata') continue;
    if (!volume) missing += 1;
    db.set('VDI', vdi, {
      missing: !volume,
      ...(volume && changedFields(fields, volume)),
    });
  }
  recordVolumes(db, sr, there.values());
  return { missing, found: there.size };
}
