import type { ClassModel } from '../../model/class-model.js';
import type { TypeNode } from '../../model/type-syntax.js';
import type { Reader, Row } from './row.js';
import { entryTexts, formatOf, mapText, memberTexts, valueTexts } from './values/formats.js';
import { compilePath, type Path } from './values/path.js';
import { NOT_IN_DATABASE } from './values/placeholders.js';

const NO_ENTRIES: ReadonlyMap<string, string> = new Map();

/** How a row without a reader of its own is read: everything that can be worked out once is. */
export function readerOf(model: ClassModel, row: Row, from: string): Reader {
  const path = compilePath(model, from);
  const { type } = path;
  if (type.kind === 'set') return setReader(row, path, memberTexts(formatOf(type.of)));
  if (type.kind === 'map')
    return isTaskMap(type) ? setReader(row, path, valueTexts(formatOf(type.value))) : mapReader(row, path, type);
  const format = formatOf(type);
  const missing = row.missing ?? NOT_IN_DATABASE;
  return {
    show: (target) => {
      const value = path.read(target);
      return value === undefined ? missing : format(value, target.api);
    },
  };
}

/** Operations by the task that does them: to people only the operations are of interest. */
function isTaskMap(type: TypeNode & { kind: 'map' }): boolean {
  return type.value.kind === 'enum';
}

function setReader(row: Row, path: Path, texts: ReturnType<typeof memberTexts>): Reader {
  const missing = row.missing ?? NOT_IN_DATABASE;
  const separator = row.commas ? ', ' : '; ';
  const show: Reader['show'] = (target) => {
    const value = path.read(target);
    return value === undefined ? missing : texts(value, target.api).join(separator);
  };
  if (row.plain) return { show };
  return { show, members: (target) => texts(path.read(target), target.api) };
}

function mapReader(row: Row, path: Path, type: TypeNode & { kind: 'map' }): Reader {
  const missing = row.missing ?? NOT_IN_DATABASE;
  const texts = entryTexts(formatOf(type.key), formatOf(type.value));
  const show: Reader['show'] = (target) => {
    const value = path.read(target);
    return value === undefined ? missing : mapText(texts(value, target.api));
  };
  if (row.plain) return { show };
  return {
    show,
    entries: (target) => {
      const value = path.read(target);
      return value === undefined ? NO_ENTRIES : texts(value, target.api);
    },
  };
}
