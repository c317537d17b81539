import { ApiError } from '../../../model/error.js';
import type { RecordVersion } from '../../../model/record.js';
import { asRef, isNullRef } from '../../../model/ref.js';
import type { ClassName } from '../../../model/types.js';
import type { ApiClient } from '../../api/api-client.js';
import { NOT_IN_DATABASE } from './placeholders.js';

/** Whether something failed because an object is not there (any more). */
export function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'HANDLE_INVALID';
}

/** Uuid of an object as printed: `<not in database>` for a reference that is null or dangles. */
export function uuidText(api: ApiClient, className: ClassName, ref: string): string {
  if (isNullRef(ref)) return NOT_IN_DATABASE;
  try {
    return api.uuid(className, asRef(ref));
  } catch (error) {
    if (isGone(error)) return NOT_IN_DATABASE;
    throw error;
  }
}

/** The object behind a reference, or undefined where it is null or dangles. */
export function recordOf<C extends ClassName>(api: ApiClient, className: C, ref: string): RecordVersion<C> | undefined {
  if (isNullRef(ref)) return undefined;
  try {
    return api.record(className, asRef<C>(ref));
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}
