import type { ClassModel } from '../model/class-model.js';

type Values = Record<string, unknown>;

const blanks = new WeakMap<ClassModel, Values>();

/**
 * Fields of a new object, all with their initial values. It is a copy of one object with the whole shape: an object that
 * got its members one by one would be kept as a hash table by the engine, several times slower to copy and larger.
 */
export function newFields(model: ClassModel): Values {
  let blank = blanks.get(model);
  if (!blank) {
    // Parsed text, because the engine gives the shape of what it parses a fast form whatever the number of members.
    blank = JSON.parse(JSON.stringify(Object.fromEntries(model.fields.map(({ name }) => [name, null])))) as Values;
    for (const { name, initial } of model.fields) blank[name] = initial;
    blanks.set(model, blank);
  }
  return { ...blank };
}
