import { findClassModel } from '../../../model/class-model.js';
import { ApiError } from '../../../model/error.js';
import { NULL_REF } from '../../../model/ref.js';
import type { TypeNode } from '../../../model/type-syntax.js';
import { parseFieldBoolean, parseFloatText, parseInteger, parseRequiredBoolean, parseSize } from '../../values.js';
import type { ValueParser } from '../row.js';
import { enumWords } from './enum-words.js';

/** A number of bytes, perhaps with a suffix. */
export const size: ValueParser = (_api, field, text) => parseSize(field, text);

/** A whole number. */
export const wholeNumber: ValueParser = (_api, field, text) => parseInteger(field, text);

/** A whole number whose mistakes the original answers as an internal error. */
export const uncheckedNumber: ValueParser = (_api, field, text) => {
  try {
    return parseInteger(field, text);
  } catch {
    throw new ApiError('INTERNAL_ERROR', 'Failure: Int64.of_string');
  }
};

/** `true` or `false`. */
export const flag: ValueParser = (_api, field, text) => parseFieldBoolean(field, text);

/** `true` or `false`, with the other one of the original's two complaints. */
export const requiredFlag: ValueParser = (_api, field, text) => parseRequiredBoolean(field, text);

/** A reference that may be given as the empty text, for none. */
export function orNone(parse: ValueParser): ValueParser {
  return (api, field, text) => (text === '' ? NULL_REF : parse(api, field, text));
}

function reference(className: string): ValueParser {
  const model = findClassModel(className);
  if (!model) throw new Error(`no class ${className}`);
  return (api, _field, text) => api.byUuid(model.name, text);
}

/** How values of a type are given on a command line: sets as a list with commas. Throws on a type that none has. */
export function parserOf(type: TypeNode): ValueParser {
  switch (type.kind) {
    case 'string':
      return (_api, _field, text) => text;
    case 'int':
      return wholeNumber;
    case 'bool':
      return flag;
    case 'float':
      return (_api, field, text) => parseFloatText(field, text);
    case 'enum': {
      const words = enumWords(type.name);
      return (_api, _field, text) => words.parse(text);
    }
    case 'ref':
      return reference(type.name);
    case 'set': {
      const member = parserOf(type.of);
      return (api, field, text) => (text === '' ? [] : text.split(',').map((one) => member(api, field, one)));
    }
    default:
      throw new Error(`a ${type.kind} cannot be given as text`);
  }
}
