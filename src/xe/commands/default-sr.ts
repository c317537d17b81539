import { ApiError } from '../../model/error.js';
import { isNullRef, type Ref } from '../../model/ref.js';
import type { ApiClient } from '../api/api-client.js';
import { poolOf } from './support.js';

/** The SR of the pool for whatever names none; undefined when the pool has none, or one that is gone. */
export function defaultSr(api: ApiClient): Ref<'SR'> | undefined {
  const sr = api.get('pool', poolOf(api), 'default_SR');
  if (isNullRef(sr)) return undefined;
  try {
    api.uuid('SR', sr);
    return sr;
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.code === 'HANDLE_INVALID') return undefined;
    throw thrown;
  }
}
