import { asRef, type Ref } from '../../model/ref.js';
import type { ClassName } from '../../model/types.js';
import type { ApiClient } from '../api/api-client.js';
import type { RecordClass, Target } from './record-class.js';

/** Every object that a list of the class may show, in the order of the API, read in one call. */
export function allTargets(api: ApiClient, recordClass: RecordClass): readonly Target[] {
  // Roles without roles inside are the permissions that real roles are made of: thousands, and of no use to people.
  if (recordClass.of === 'role') {
    return [...api.records('role')]
      .filter(([, { fields }]) => fields.subroles.length > 0)
      .map(([ref, record]) => ({ api, ref, record }));
  }
  return [...api.records(recordClass.of)].map(([ref, record]) => ({ api, ref, record }));
}

/** The object with a uuid. Throws ApiError UUID_INVALID when the class has none. */
export function targetOf(api: ApiClient, recordClass: RecordClass, uuid: string): Target {
  return targetOfRef(api, recordClass, api.byUuid(recordClass.of, uuid));
}

/** The object of a reference as it is now. Throws ApiError HANDLE_INVALID when it is gone. */
export function targetOfRef(api: ApiClient, recordClass: RecordClass, ref: Ref<ClassName>): Target {
  return { api, ref, record: api.record(recordClass.of, asRef(ref)) };
}
