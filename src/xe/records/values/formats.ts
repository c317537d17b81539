import { findClassModel } from '../../../model/class-model.js';
import type { TypeNode } from '../../../model/type-syntax.js';
import type { ApiClient } from '../../api/api-client.js';
import { enumWords } from './enum-words.js';
import { fixed } from './float-text.js';
import { NOT_IN_DATABASE } from './placeholders.js';
import { uuidText } from './references.js';

/** Makes text of a value that is no set and no map. */
export type Format = (value: unknown, api: ApiClient) => string;

const asIs: Format = (value) => String(value);

/** How a value of a type is printed. Throws on a type that no field has. */
export function formatOf(type: TypeNode): Format {
  switch (type.kind) {
    case 'string':
    case 'int':
    case 'bool':
    // Dates of the model have the form that command lines print.
    case 'datetime':
      return asIs;
    case 'float':
      return (value) => fixed(Number(value), 3);
    case 'enum': {
      const words = enumWords(type.name);
      return (value) => words.print(String(value));
    }
    case 'ref': {
      const model = findClassModel(type.name);
      if (!model) throw new Error(`no class ${type.name}`);
      return (value, api) => uuidText(api, model.name, String(value));
    }
    default:
      throw new Error(`a ${type.kind} is no single value`);
  }
}

/** Members of a set as text; a member behind a reference that leads nowhere is `<not in database>`. */
export function memberTexts(format: Format): (value: unknown, api: ApiClient) => string[] {
  return (value, api) =>
    Array.isArray(value) ? value.map((member) => (member === undefined ? NOT_IN_DATABASE : format(member, api))) : [];
}

/** Values of a map as text, without their keys. */
export function valueTexts(format: Format): (value: unknown, api: ApiClient) => string[] {
  return (value, api) => (value instanceof Map ? Array.from(value.values(), (one) => format(one, api)) : []);
}

/** Keys and values of a map as text. */
export function entryTexts(key: Format, item: Format): (value: unknown, api: ApiClient) => ReadonlyMap<string, string> {
  return (value, api) => {
    const entries = new Map<string, string>();
    if (value instanceof Map) for (const [name, one] of value) entries.set(key(name, api), item(one, api));
    return entries;
  };
}

/** A map as it is printed. */
export function mapText(entries: ReadonlyMap<string, string>): string {
  const parts: string[] = [];
  for (const [key, value] of entries) parts.push(`${key}: ${value}`);
  return parts.join('; ');
}
