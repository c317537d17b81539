import { classModel, type FieldModel } from '../../../model/class-model.js';
import { ApiError } from '../../../model/error.js';
import { isNullRef } from '../../../model/ref.js';
import type { TypeNode } from '../../../model/type-syntax.js';
import type { Fields } from '../../../model/types.js';
import { decodeValue } from '../../../wire/decode.js';
import type { RawValue } from '../../../wire/raw-value.js';
import type { Description, FileObject } from '../../../wire/xva/description.js';
import { badFile } from '../../../wire/xva/file-error.js';
import { FILE_CLASSES, type FileClass } from '../file-classes.js';

/** An object of a file, in terms of the model. References in it are ids of the file. */
export interface FileRecord<C extends FileClass> {
  readonly id: string;
  /** What the file does not say has its initial value. */
  readonly fields: Fields<C>;
  /** What the file says, as it stands there. */
  readonly raw: ReadonlyMap<string, RawValue>;
}

/** What goes on with an object elsewhere is nothing to us, and old files name operations that there are no more. */
const PASSED_OVER: ReadonlySet<string> = new Set(['allowed_operations', 'current_operations']);

/** The objects of a file. Those of classes that have no place in one are passed over: newer versions may write more. */
export class FileObjects {
  readonly #byClass = new Map<FileClass, FileRecord<FileClass>[]>();
  readonly #byId = new Map<string, { readonly className: FileClass; readonly record: FileRecord<FileClass> }>();

  /** Throws IMPORT_ERROR where a field has a value of another type. */
  constructor({ objects }: Pick<Description, 'objects'>) {
    for (const object of objects) {
      const className = FILE_CLASSES.find((name) => name === object.className);
      if (!className) continue;
      const record = readObject(className, object);
      this.#byId.set(object.id, { className, record });
      const others = this.#byClass.get(className);
      if (others) others.push(record);
      else this.#byClass.set(className, [record]);
    }
  }

  /** All of a class, in the order of the file. */
  of<C extends FileClass>(className: C): readonly FileRecord<C>[] {
    return (this.#byClass.get(className) ?? []) as readonly FileRecord<FileClass>[] as readonly FileRecord<C>[];
  }

  /** The object with an id; undefined for a null reference. Throws IMPORT_ERROR_FAILED_TO_FIND_OBJECT where the file has none. */
  find<C extends FileClass>(className: C, id: string): FileRecord<C> | undefined {
    if (isNullRef(id)) return undefined;
    const found = this.#byId.get(id);
    if (found?.className !== className) throw new ApiError('IMPORT_ERROR_FAILED_TO_FIND_OBJECT', id);
    return found.record as FileRecord<FileClass> as FileRecord<C>;
  }

  /** The object with an id. Throws IMPORT_ERROR_FAILED_TO_FIND_OBJECT, for null references too. */
  get<C extends FileClass>(className: C, id: string): FileRecord<C> {
    const found = this.find(className, id);
    if (!found) throw new ApiError('IMPORT_ERROR_FAILED_TO_FIND_OBJECT', id);
    return found;
  }
}

function readObject<C extends FileClass>(className: C, { id, fields: raw }: FileObject): FileRecord<C> {
  const fields = Object.fromEntries(
    classModel(className).fields.map((field) => [field.name, readField(className, field, raw.get(field.name))]),
  );
  return { id, fields: fields as Fields<C>, raw };
}

function readField(className: string, field: FieldModel, raw: RawValue | undefined): unknown {
  if (raw === undefined || PASSED_OVER.has(field.name)) return field.initial;
  try {
    return decodeValue(field.type, raw);
  } catch (thrown) {
    if (!(thrown instanceof ApiError)) throw thrown;
    // Words have come and gone between versions.
    if (isOfWords(field.type, raw)) return field.initial;
    throw badFile(`${className} of the file: ${field.name}: ${thrown.params.join(' ')}`);
  }
}

/** Whether a value has the form of a type that has words of the model in it, whatever the words are. */
function isOfWords(type: TypeNode, raw: RawValue): boolean {
  if (type.kind === 'enum') return typeof raw === 'string';
  if (type.kind === 'set') return Array.isArray(raw) && raw.every((item) => isOfWords(type.of, item));
  return type.kind === 'map' && raw instanceof Map && [...raw.values()].every((item) => isOfWords(type.value, item));
}
