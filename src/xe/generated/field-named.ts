import { ClientWordedError } from '../failure.js';
import type { Field, RecordClass } from '../records/record-class.js';

/** The field that `param-name=` names, hidden ones too. Throws ClientWordedError: the original leaves this mistake to the client. */
export function fieldNamed(recordClass: RecordClass, name: string): Field {
  const field = recordClass.fields.find((one) => one.name === name);
  if (!field) throw new ClientWordedError('Missing parameter', name);
  return field;
}
