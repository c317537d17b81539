import { ApiError } from '../../../../model/error.js';
import { nameInErrors, type VmOperation } from './facts.js';

type Current = ReadonlyMap<string, VmOperation>;

/** Operations that may go on side by side, any number of each. */
const GROUPS: readonly ReadonlySet<VmOperation>[] = [
  new Set<VmOperation>(['clone', 'copy', 'export']),
  new Set<VmOperation>(['snapshot', 'checkpoint']),
  new Set<VmOperation>(['get_boot_record']),
];

/** What may start while one other operation, and no further one, goes on. */
const FOLLOWERS: ReadonlyMap<VmOperation, readonly VmOperation[]> = new Map([
  ['snapshot_with_quiesce', ['snapshot']],
  ['migrate_send', ['metadata_export', 'clean_shutdown', 'clean_reboot']],
]);

/** Whether an operation may start while others go on. Turning the power off always may: it is the way out. */
export function mayJoin(operation: VmOperation, current: Current): boolean {
  const running = [...current.values()];
  if (GROUPS.some((group) => group.has(operation) && running.every((op) => group.has(op)))) return true;
  if (operation === 'hard_shutdown') return !running.includes('hard_shutdown');
  if (operation === 'hard_reboot') return !running.includes('hard_shutdown') && !running.includes('hard_reboot');
  const [first] = running;
  return running.length === 1 && first !== undefined && (FOLLOWERS.get(first)?.includes(operation) ?? false);
}

/** The error that names what goes on. */
export function vmInProgress(vm: string, current: Current): ApiError {
  const operations = [...current.values()].map(nameInErrors);
  const tasks = [...current.keys()];
  const list = (items: string[]) => (items.length === 1 ? `${items[0]}` : `{${items.join(',')}}`);
  return new ApiError('OTHER_OPERATION_IN_PROGRESS', 'VM', vm, list(operations), list(tasks));
}
