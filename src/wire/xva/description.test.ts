import { describe, expect, it } from 'vitest';
import { type FileVersion, readChecksumList, readDescription, writeDescription } from './description.js';
import { structText } from './struct-text.js';

const version: FileVersion = {
  hostname: 'localhost',
  date: '20250210T15:42:23Z',
  productVersion: '8.3.0',
  productBrand: 'XCP-ng',
  buildNumber: '1',
  xapiMajor: 25,
  xapiMinor: 6,
  exportVersion: 2,
};

function written(objects: Parameters<typeof writeDescription>[1]): Buffer {
  return Buffer.from([...writeDescription(version, objects)].join(''));
}

it('reads what it writes', () => {
  const fields = structText([
    ['name_label', '<value>a &lt; b</value>'],
    ['VBDs', '<value><array><data><value>Ref:2</value></data></array></value>'],
  ]);
  expect(readDescription(written([{ className: 'VM', id: 'Ref:0', fields }]))).toEqual({
    version,
    objects: [
      {
        className: 'VM',
        id: 'Ref:0',
        fields: new Map<string, unknown>([
          ['name_label', 'a < b'],
          ['VBDs', ['Ref:2']],
        ]),
      },
    ],
  });
});

it('reads files of the first version, with a prolog, spaces and other spellings of numbers', () => {
  const number = (name: string, value: number) => `<member><name>${name}</name> <value><i4>${value}</i4></value></member>\n`;
  const text = `<?xml version="1.0"?>
<value><struct><member><name>version</name><value><struct>${number('xapi_major', 1)}${number('xapi_minor', 3)}</struct></value></member>
<member><name>objects</name><value><array><data/></array></value></member></struct></value>`;
  expect(readDescription(Buffer.from(text))).toEqual({
    version: {
      hostname: '',
      date: '',
      productVersion: '',
      productBrand: '',
      buildNumber: '',
      xapiMajor: 1,
      xapiMinor: 3,
      exportVersion: 0,
    },
    objects: [],
  });
});

describe('refuses', () => {
  const object = { className: 'VM', id: 'Ref:0', fields: structText([]) };

  it.each([
    ['what is no XML', Buffer.from('no')],
    ['XML that ends early', written([object]).subarray(0, -10)],
    ['a value that is no struct', Buffer.from('<value>1</value>')],
    ['an appliance of a format before all of these', Buffer.from('<appliance version="0.1"></appliance>')],
    ['text that is not UTF-8', Buffer.concat([Buffer.from('<value>'), Buffer.from([0xff, 0xfe]), Buffer.from('</value>')])],
    ['objects with the same id', written([object, object])],
    ['an object without fields', written([{ ...object, fields: '<value>1</value>' }])],
    ['nests without end', Buffer.from(`${'<value><array><data>'.repeat(1000)}`)],
    [
      'a version without numbers',
      Buffer.from(
        structText([
          ['version', structText([])],
          ['objects', '<value><array/></value>'],
        ]),
      ),
    ],
  ])('%s', (_, document) => {
    expect(() => readDescription(document)).toThrow(expect.objectContaining({ code: 'IMPORT_ERROR' }));
  });
});

it('reads the list of checksums of old files', () => {
  expect(readChecksumList(Buffer.from(structText([['Ref:1/00000000', '<value>abc</value>']])))).toEqual(
    new Map([['Ref:1/00000000', 'abc']]),
  );
});
