import type { Command, Selector } from '../command.js';
import type { TableRow } from '../printer.js';

/** What is said of a command, row by row. Labels are padded so that those below the first begin in one column. */
export function explanation(command: Command): readonly TableRow[] {
  const { name, required, optional, selectors, description } = command;
  return [
    ['command name        ', name],
    ['reqd params     ', required.join(', ')],
    ['optional params ', [...optional, ...(selectors ? [`<${selectors}-selectors>`] : [])].join(', ')],
    ['description     ', selectors ? `${description} ${ofSelectors(selectors)}` : description],
  ];
}

const OBJECTS: Readonly<Record<Selector, { readonly noun: string; readonly by: string }>> = {
  vm: { noun: 'VM', by: 'uuid or name-label' },
  host: { noun: 'host', by: 'uuid, hostname or name-label' },
  sr: { noun: 'SR', by: 'uuid or name-label' },
};

function ofSelectors(selector: Selector): string {
  const { noun, by } = OBJECTS[selector];
  return (
    `The command works on the ${noun}s that its other parameters select: ${selector}=VALUE takes those whose ${by} is VALUE, ` +
    `FIELD=VALUE those with that value in a field of ${selector}-list. Without any, every ${noun} is selected. ` +
    `More than one is worked on only with --multiple.`
  );
}
