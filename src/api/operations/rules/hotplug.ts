import { ApiError } from '../../../model/error.js';
import type { Fields } from '../../../model/types.js';

const ENDING: ReadonlySet<string> = new Set(['clean_shutdown', 'hard_shutdown', 'suspend', 'pause']);

/** One thing at a time with a network card or USB device. The error has its lists in braces, as the original writes it. */
export function deviceBusy(className: 'VIF' | 'VUSB', ref: string, current: ReadonlyMap<string, string>): ApiError | undefined {
  if (!current.size) return undefined;
  const list = (items: Iterable<string>) => `{${[...items].join('; ')}}`;
  return new ApiError('OTHER_OPERATION_IN_PROGRESS', className, ref, list(current.values()), list(current.keys()));
}

/** Nothing is plugged into a VM that is about to stop. */
export function vmEnding(ref: string, vm: Fields<'VM'>): ApiError | undefined {
  for (const operation of vm.current_operations.values())
    if (ENDING.has(operation)) return new ApiError('OPERATION_NOT_ALLOWED', `Current operation on VM:${ref} is ${operation}`);
  return undefined;
}
