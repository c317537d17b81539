import type { Table } from '../../db/table.js';
import { RecordVersion } from '../../model/record.js';
import type { EnumValue, Fields } from '../../model/types.js';

/** Fields of an event as the wire sends them: without the model's obj_uuid. */
export interface EventFields {
  readonly id: string;
  readonly timestamp: string;
  readonly class: string;
  readonly operation: EnumValue<'event_operation'>;
  readonly ref: string;
  readonly snapshot: RecordVersion | undefined;
}

/**
 * An event of an object, with the record that it has or had. Only the older calls tell what a deleted object was: their
 * clients look it up in their own tables by fields of that record.
 */
export function eventRecord(
  table: Table,
  operation: EventFields['operation'],
  ref: string,
  id: number,
  snapshot?: RecordVersion,
): RecordVersion<'event'> {
  const fields: EventFields = {
    id: String(id),
    timestamp: (Date.now() / 1000).toFixed(1),
    class: table.model.lowerName,
    operation,
    ref,
    snapshot,
  };
  return new RecordVersion('event', fields as unknown as Fields<'event'>);
}
