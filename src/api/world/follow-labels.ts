import type { CommittedChange } from '../../db/commit.js';
import type { Unsubscribe } from '../../host/progress.js';
import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import type { Api } from '../api.js';
import { LABELLED, writeLabel } from '../storage/volume-label.js';

/** Has storage keep what is said of disks, until it is stopped: one after the other, and once for many changes of one. */
export function followLabels(api: Api): Unsubscribe {
  const waiting = new Set<Ref<'VDI'>>();
  let isWriting = false;
  const write = async (): Promise<void> => {
    isWriting = true;
    for (const vdi of waiting) {
      waiting.delete(vdi);
      await writeLabel(api, vdi);
    }
    isWriting = false;
  };
  const off = api.db.onChange((changes) => {
    for (const change of changes) if (isAnotherLabel(change)) waiting.add(change.row.ref as Ref<'VDI'>);
    if (waiting.size > 0 && !isWriting) void write();
  });
  return () => {
    off();
    waiting.clear();
  };
}

function isAnotherLabel({ kind, table, row, before }: CommittedChange): boolean {
  if (table.model.name !== 'VDI') return false;
  if (kind === 'add') return true;
  if (kind !== 'mod' || before === undefined) return false;
  const [old, now] = [before.fields as Fields<'VDI'>, row.version.fields as Fields<'VDI'>];
  return LABELLED.some((name) => old[name] !== now[name]);
}
