import { isUtf8 } from 'node:buffer';
import type { RawValue } from '../raw-value.js';
import { WireSyntaxError } from '../syntax-error.js';
import { xmlNotation } from '../xmlrpc/notation.js';
import { parseXmlRpcValue } from '../xmlrpc/parse.js';
import { badFile } from './file-error.js';
import { structText } from './struct-text.js';

/** Name of the file that describes what is exported, the first in every file. */
export const DESCRIPTION_NAME = 'ova.xml';

/** Longest description that is read, in bytes: that of some thousand VMs. It is parsed in one go. */
export const LARGEST_DESCRIPTION = 32 * 1024 * 1024;

/** Values in a description: a record of a VM has some two hundred. */
const MOST_VALUES = 2_000_000;

/** Who wrote a file. */
export interface FileVersion {
  readonly hostname: string;
  readonly date: string;
  readonly productVersion: string;
  readonly productBrand: string;
  readonly buildNumber: string;
  readonly xapiMajor: number;
  readonly xapiMinor: number;
  /** Of the format of the file: 0 has its checksums at the end, 1 both there and with the pieces, 2 with the pieces. */
  readonly exportVersion: number;
}

/** An object of a file, its fields as they stand there. */
export interface FileObject {
  readonly className: string;
  /** `Ref:12` */
  readonly id: string;
  readonly fields: ReadonlyMap<string, RawValue>;
}

/** What a file says of itself. */
export interface Description {
  readonly version: FileVersion;
  readonly objects: readonly FileObject[];
}

/** Makes a description, piece by piece. `objects` have their fields as the XML-RPC text of a struct. */
export function* writeDescription(
  version: FileVersion,
  objects: Iterable<{ readonly className: string; readonly id: string; readonly fields: string }>,
): Generator<string, void, void> {
  const { string, int } = xmlNotation;
  const { structOpen, structClose, memberOpen, memberClose, setOpen, setClose } = xmlNotation;
  const versionText = structText([
    ['hostname', string(version.hostname)],
    ['date', string(version.date)],
    ['product_version', string(version.productVersion)],
    ['product_brand', string(version.productBrand)],
    ['build_number', string(version.buildNumber)],
    ['xapi_major', int(version.xapiMajor)],
    ['xapi_minor', int(version.xapiMinor)],
    ['export_vsn', int(version.exportVersion)],
  ]);
  yield structOpen + memberOpen('version') + versionText + memberClose + memberOpen('objects') + setOpen;
  for (const { className, id, fields } of objects)
    yield structText([
      ['class', string(className)],
      ['id', string(id)],
      ['snapshot', fields],
    ]);
  yield setClose + memberClose + structClose;
}

/** Reads a description. Throws IMPORT_ERROR for what is none. */
export function readDescription(document: Buffer): Description {
  const whole = structOf(parse(document), 'the description');
  const objects = whole.get('objects');
  if (!Array.isArray(objects)) throw badFile('the description of the file has no objects');
  const seen = new Set<string>();
  return {
    version: versionOf(structOf(whole.get('version'), 'the version')),
    objects: objects.map((object: RawValue) => {
      const members = structOf(object, 'an object');
      const id = textOf(members, 'id');
      if (seen.has(id)) throw badFile('two objects of the file have the same id');
      seen.add(id);
      return { className: textOf(members, 'class'), id, fields: structOf(members.get('snapshot'), 'the fields of an object') };
    }),
  };
}

/** Reads the list of checksums at the end of old files: names of pieces with theirs. Throws IMPORT_ERROR for what is none. */
export function readChecksumList(document: Buffer): ReadonlyMap<string, RawValue> {
  return structOf(parse(document), 'the list of checksums');
}

function parse(document: Buffer): RawValue {
  if (!isUtf8(document)) throw badFile('a description in the file is not valid UTF-8');
  try {
    return parseXmlRpcValue(document, MOST_VALUES);
  } catch (thrown) {
    if (thrown instanceof WireSyntaxError) throw badFile(`a description in the file cannot be read: ${thrown.message}`);
    throw thrown;
  }
}

function structOf(value: RawValue | undefined, what: string): ReadonlyMap<string, RawValue> {
  if (value instanceof Map) return value;
  throw badFile(`${what} of the file is no struct`);
}

function textOf(members: ReadonlyMap<string, RawValue>, name: string): string {
  const value = members.get(name);
  if (typeof value !== 'string') throw badFile(`something in the description of the file has no ${name}`);
  return value;
}

function versionOf(members: ReadonlyMap<string, RawValue>): FileVersion {
  const text = (name: string): string => {
    const value = members.get(name);
    return typeof value === 'string' ? value : '';
  };
  const number = (name: string): number => {
    const value = members.get(name);
    const given = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
    if (typeof given !== 'number') throw badFile(`the version of the file has no ${name}`);
    return given;
  };
  return {
    hostname: text('hostname'),
    date: text('date'),
    productVersion: text('product_version'),
    productBrand: text('product_brand'),
    buildNumber: text('build_number'),
    xapiMajor: number('xapi_major'),
    xapiMinor: number('xapi_minor'),
    exportVersion: members.has('export_vsn') ? number('export_vsn') : 0,
  };
}
