import type { Command } from '../command.js';
import { CommandFailure } from '../failure.js';
import type { RecordClass } from '../records/record-class.js';
import { shownValue } from '../records/show.js';
import { targetOf } from '../records/targets.js';
import { withDatabase } from './database.js';
import { fieldNamed } from './field-named.js';

/** `X-param-get`: the value of one field, or of one key of a map. */
export function paramGetCommand(recordClass: RecordClass): Command {
  return {
    name: `${recordClass.name}-param-get`,
    required: ['uuid', 'param-name'],
    optional: ['param-key', 'database:'],
    description: `Prints one field of one ${recordClass.name}, or of a map the value of one key.`,
    run: (context) =>
      withDatabase(context, async (api) => {
        const { parameters, printer } = context;
        const target = targetOf(api, recordClass, parameters.required('uuid'));
        const field = fieldNamed(recordClass, parameters.required('param-name'));
        const key = parameters.find('param-key');
        if (key === undefined || !field.entries) return printer.lines(await shownValue(field, target));
        const value = (await field.entries(target)).get(key);
        if (value === undefined) throw new CommandFailure(`Key ${key} not found in map`);
        printer.lines(value);
      }),
  };
}
