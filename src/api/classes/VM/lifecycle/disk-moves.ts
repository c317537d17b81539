import { isNullRef, type Ref } from '../../../../model/ref.js';
import type { Fields } from '../../../../model/types.js';
import { seesSr } from '../../../placement/visibility.js';
import { copyVdi } from '../../../storage/copy.js';
import { type DiskMap, disksOf, moves } from './migration-checks.js';
import type { Work } from './placed.js';
import { discard } from './stopping.js';

/** A disk with its copy elsewhere. */
export interface MovedDisk {
  readonly from: Ref<'VDI'>;
  readonly to: Ref<'VDI'>;
}

/**
 * What has to change its place when a VM moves with its disks: the disks that the map sends elsewhere, disks of its
 * snapshots with them, and a memory image that the host would not see.
 */
export function planMoves({ api }: Work, vm: Ref<'VM'>, host: Ref<'host'>, map: DiskMap): [Ref<'VDI'>, Ref<'SR'>][] {
  const { db } = api;
  const fields = db.get('VM', vm);
  const plan = new Map(map);
  for (const snapshot of fields.snapshots)
    for (const vdi of disksOf(db, db.get('VM', snapshot))) {
      const along = map.get(db.get('VDI', vdi).snapshot_of);
      if (along !== undefined && !plan.has(vdi)) plan.set(vdi, along);
    }
  for (const owner of [vm, ...fields.snapshots]) {
    const { power_state: power, suspend_VDI: image } = db.get('VM', owner);
    if (power !== 'Suspended' || isNullRef(image) || plan.has(image) || seesSr(db, db.get('VDI', image).SR, host)) continue;
    const sr = imageSr({ api }, host);
    if (sr !== undefined) plan.set(image, sr);
  }
  const wanted = moves(db, plan);
  // Small and old ones first: what is common to several copies is there when the larger ones come.
  return wanted.sort(([a], [b]) => {
    const [one, other] = [db.get('VDI', a), db.get('VDI', b)];
    return one.virtual_size - other.virtual_size || one.snapshot_time.localeCompare(other.snapshot_time);
  });
}

function imageSr({ api }: Pick<Work, 'api'>, host: Ref<'host'>): Ref<'SR'> | undefined {
  const { db, pool } = api;
  const { suspend_image_SR: pools, default_SR: standard } = db.get('pool', pool);
  return [pools, db.get('host', host).suspend_image_sr, standard].find((sr) => !isNullRef(sr) && seesSr(db, sr, host));
}

/** Copies disks one by one; nothing of it stays when one fails. The caller sees to it that nobody writes to them. */
export async function copyDisks(work: Work, plan: readonly [Ref<'VDI'>, Ref<'SR'>][]): Promise<MovedDisk[]> {
  const { db } = work.api;
  const sizes = plan.map(([vdi]) => db.get('VDI', vdi).virtual_size);
  const total = sizes.reduce((sum, size) => sum + size, 0) || 1;
  const moved: MovedDisk[] = [];
  let done = 0;
  try {
    for (const [i, [vdi, sr]] of plan.entries()) {
      const size = sizes[i] ?? 0;
      const before = done;
      const task = { ...work.task, progress: (share: number) => work.task.progress((before + share * size) / total) };
      task.check();
      moved.push({ from: vdi, to: await copyVdi({ ...work, task }, vdi, sr, 'mirror') });
      done += size;
    }
  } catch (thrown) {
    await discardAll(
      work,
      moved.map(({ to }) => to),
    );
    throw thrown;
  }
  return moved;
}

/** Destroys disks, those that others hang on last. */
export async function discardAll(work: Work, vdis: readonly Ref<'VDI'>[]): Promise<void> {
  for (const vdi of vdis) await discard(work, vdi);
}

/** Puts the copies in the place of the disks: in drives, in snapshots, as memory images. */
export function adoptCopies({ api }: Work, moved: readonly MovedDisk[]): void {
  const { db } = api;
  const copyOf = new Map<string, Ref<'VDI'>>(moved.map(({ from, to }) => [from, to]));
  db.transaction(() => {
    for (const { from, to } of moved) {
      const origin = db.get('VDI', from);
      for (const vbd of origin.VBDs) db.set('VBD', vbd, { VDI: to });
      for (const [vm] of db.filter('VM', ({ suspend_VDI: image }) => image === from)) db.set('VM', vm, { suspend_VDI: to });
      db.set('VDI', to, snapshotFields(origin, copyOf));
    }
  });
}

/** A copy of a snapshot is a snapshot, of the copy where its origin moved too. */
function snapshotFields(origin: Fields<'VDI'>, copyOf: ReadonlyMap<string, Ref<'VDI'>>): Partial<Fields<'VDI'>> {
  const { is_a_snapshot, snapshot_of, snapshot_time, read_only } = origin;
  return { is_a_snapshot, snapshot_of: copyOf.get(snapshot_of) ?? snapshot_of, snapshot_time, read_only };
}
