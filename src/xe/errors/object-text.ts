import { classModels } from '../../model/class-model.js';
import { ApiError } from '../../model/error.js';
import { asRef, isNullRef } from '../../model/ref.js';
import type { ClassName } from '../../model/types.js';
import type { ApiClient } from '../api/api-client.js';

/** Classes whose objects a reference may lead to, and whether they have names. */
const CLASSES = classModels
  .filter(({ schema }) => schema.lookups.includes('uuid') && schema.storage !== 'none')
  .map(({ name, fieldsByName }) => ({ name, named: fieldsByName.has('name_label') }));

/** A value of an error: a reference to an object becomes its uuid and name, everything else stays. */
export function objectText(api: ApiClient, value: string): string {
  if (!value.startsWith('OpaqueRef:') || isNullRef(value)) return value;
  for (const { name, named } of CLASSES) {
    const fields = fieldsOf(api, name, value);
    if (fields) return named ? `${fields.uuid} (${fields.name_label ?? ''})` : `${fields.uuid}`;
  }
  return value;
}

function fieldsOf(api: ApiClient, className: ClassName, ref: string): { uuid?: string; name_label?: string } | undefined {
  try {
    return api.record(className, asRef<ClassName>(ref)).fields as { uuid?: string; name_label?: string };
  } catch (thrown) {
    if (thrown instanceof ApiError) return undefined;
    throw thrown;
  }
}
