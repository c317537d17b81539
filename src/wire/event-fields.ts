import type { RecordVersion } from '../model/record.js';
import type { EnumValue } from '../model/types.js';

/**
 * Fields of an event as it goes out, which are not those of the model: `snapshot` is the record of the object, absent
 * when the object is gone, and its class differs from event to event; `obj_uuid` is never sent.
 */
export interface EventFields {
  /** Sent as text whatever it is. */
  readonly id: string | number;
  readonly timestamp: string;
  /** In lower case. */
  readonly class: string;
  readonly operation: EnumValue<'event_operation'>;
  readonly ref: string;
  readonly snapshot?: RecordVersion | undefined;
}

/** The fields that an event record really has. */
export function eventFields(event: RecordVersion<'event'>): EventFields {
  return event.fields as unknown as EventFields;
}
