import type { Ref } from '../../../model/ref.js';
import type { EnumValue, Fields } from '../../../model/types.js';
import type { Call } from '../../call.js';
import { target } from '../../operations/operations.js';
import type { Patience } from '../../operations/retry.js';

/** Does work while a VM shows an operation; the work gets the VM's fields as they are once the operation is taken. */
export function withOperation<T>(
  { api, task }: Pick<Call, 'api' | 'task'>,
  vm: Ref<'VM'>,
  operation: EnumValue<'vm_operations'>,
  work: (fields: Fields<'VM'>) => T | Promise<T>,
  patience?: Patience,
): Promise<T> {
  return api.operations.run(task, [target('VM', vm, operation)], () => work(api.db.get('VM', vm)), patience);
}
