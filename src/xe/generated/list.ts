import type { Command } from '../command.js';
import { filtersOf, filterTargets } from '../records/filter.js';
import type { RecordClass } from '../records/record-class.js';
import { fieldsNamed, tableRows, visibleFields } from '../records/show.js';
import { allTargets } from '../records/targets.js';
import { withDatabase } from './database.js';

/** `X-list`: the objects of a class that pass the filters on the command line. */
export function listCommand(recordClass: RecordClass): Command {
  const fields = visibleFields(recordClass);
  const implied = recordClass.implied.map(([name, value]) => ({ name, value }));
  return {
    name: `${recordClass.name}-list`,
    required: [],
    optional: [
      'params',
      'database:',
      ...fields.map(({ name }) => name),
      ...fields.filter(({ members }) => members).map(({ name }) => `${name}:contains`),
    ],
    description: `Shows the ${plural(recordClass.name)} whose fields have the values given, or all of them when none is given.`,
    run: (context) =>
      withDatabase(context, async (api) => {
        const { parameters, printer } = context;
        const all = allTargets(api, recordClass);
        const filtered = await filterTargets(recordClass, all, [...implied, ...filtersOf(parameters)]);
        // Filters are tried in any case: a mistake in one is told even where it would make no difference.
        const targets = parameters.boolean('all') ? all : filtered;
        printer.table(await tableRows(targets, fieldsNamed(recordClass, parameters.find('params'))));
      }),
  };
}

/** The plural of a class's word, as descriptions have it. */
function plural(name: string): string {
  return name === 'patch' ? 'patches' : `${name}s`;
}
