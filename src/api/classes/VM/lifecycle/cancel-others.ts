import type { Ref } from '../../../../model/ref.js';
import type { EnumValue } from '../../../../model/types.js';
import type { Work } from './placed.js';

/**
 * Cancels what else is done to a VM and waits until it has stopped: a forced shutdown or reboot goes before all of it.
 * What cannot be cancelled is waited for.
 */
export async function cancelOthers(
  { api, task }: Work,
  vm: Ref<'VM'>,
  operations: readonly EnumValue<'vm_operations'>[],
): Promise<void> {
  const { db } = api;
  const others = [...db.get('VM', vm).current_operations]
    .filter(([key, operation]) => key !== task.ref && operations.includes(operation))
    .map(([key]) => key);
  if (!others.length) return;
  const busy = () => {
    const current = db.find('VM', vm)?.fields.current_operations;
    return current !== undefined && others.some((key) => current.has(key));
  };
  for (const other of others) api.tasks.cancel(other, task.ref);
  await new Promise<void>((resolve) => {
    const done = (): void => {
      stop();
      task.signal.removeEventListener('abort', done);
      resolve();
    };
    const stop = db.onChange((changes) => {
      if (changes.some(({ row }) => row.ref === vm) && !busy()) done();
    });
    task.signal.addEventListener('abort', done);
    if (!busy()) done();
  });
  task.check();
}
