import { classModel } from '../../../model/class-model.js';
import type { ConstructorArguments, Fields } from '../../../model/types.js';
import type { FileClass } from '../file-classes.js';

/** Those fields of an object that its constructor takes. */
export function settingsOf<C extends FileClass>(className: C, fields: Fields<C>): ConstructorArguments<C> {
  const values: Readonly<Record<string, unknown>> = fields;
  return Object.fromEntries(
    classModel(className).constructorFields.map(({ name }) => [name, values[name]]),
  ) as ConstructorArguments<C>;
}
