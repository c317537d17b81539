import type { Command } from '../command.js';
import type { RecordClass } from '../records/record-class.js';
import { tableRows, visibleFields } from '../records/show.js';
import { targetOf } from '../records/targets.js';
import { withDatabase } from './database.js';

/** `X-param-list`: every field of one object. */
export function paramListCommand(recordClass: RecordClass): Command {
  return {
    name: `${recordClass.name}-param-list`,
    required: ['uuid'],
    optional: ['database:'],
    description: `Shows every field of one ${recordClass.name}.`,
    run: (context) =>
      withDatabase(context, async (api) => {
        const target = targetOf(api, recordClass, context.parameters.required('uuid'));
        context.printer.table(await tableRows([target], visibleFields(recordClass), 'computed'));
      }),
  };
}
