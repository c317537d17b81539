import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { enums } from '../../schema/enums.js';
import { classModel } from '../model/class-model.js';
import { toDateTime } from '../model/datetime.js';
import type { TypeNode } from '../model/type-syntax.js';
import type { ClassName } from '../model/types.js';
import { DatabaseDumpReader, type DumpLimits, type DumpObject } from './database-dump.js';
import { DatabaseDumpError } from './database-dump-error.js';
import { protect, unprotect } from './database-dump-text.js';
import { type DumpRow, writeDatabaseDump } from './database-dump-writer.js';

/** Small pieces, so that characters and elements are cut in all places. */
function* pieces(text: string, size = 7): Generator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(text: string, limits?: Partial<DumpLimits>) {
  const reader = new DatabaseDumpReader(limits);
  const objects: DumpObject[] = [];
  for await (const object of reader.read(pieces(text))) objects.push(object);
  return { objects, report: reader.report };
}

const dump = (tables: string) => `<?xml version="1.0" encoding="UTF-8"?>
<database><manifest><pair key="schema_major_vsn" value="5"/><pair key="schema_minor_vsn" value="603"/><pair key="generation_count" value="1234"/></manifest>
${tables}
</database>`;

const failure = async (text: string, limits?: Partial<DumpLimits>): Promise<DatabaseDumpError> => {
  const error = await read(text, limits).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DatabaseDumpError);
  return error as DatabaseDumpError;
};

describe('reading', () => {
  it('gives objects with runtime values under wire names', async () => {
    const { objects, report } = await read(
      dump(`<table name="network"/><table name="VM"><row ref="OpaqueRef:1" __ctime="3" __mtime="9" _ref="OpaqueRef:1" uuid="u-1"
        name__label="web%.server%n&quot;caf&#233;&quot;%%" is_a_template="false" memory__static_max="4294967296" VCPUs__max="2"
        tags="('blue'%.'it\\'s')" platform="(('nx'%.'true')%.('k'%.''))" HVM__shadow_multiplier="1." snapshot_time="19700101T00:00:00Z"
        affinity="OpaqueRef:NULL" power_state="Running" VBDs="()" blocked_operations="(('destroy'%.'no'))"/></table>`),
    );
    expect(objects).toHaveLength(1);
    expect(objects[0]).toMatchObject({ className: 'VM', ref: 'OpaqueRef:1' });
    expect(Object.fromEntries(objects[0]?.fields ?? [])).toMatchObject({
      uuid: 'u-1',
      name_label: 'web server\n"café"%',
      is_a_template: false,
      memory_static_max: 4294967296,
      VCPUs_max: 2,
      tags: ['blue', "it's"],
      platform: new Map([
        ['nx', 'true'],
        ['k', ''],
      ]),
      HVM_shadow_multiplier: 1,
      snapshot_time: '19700101T00:00:00Z',
      affinity: 'OpaqueRef:NULL',
      power_state: 'Running',
      blocked_operations: new Map([['destroy', 'no']]),
    });
    expect(report.problems).toEqual([]);
    expect([...report.manifest]).toEqual([
      ['schema_major_vsn', '5'],
      ['schema_minor_vsn', '603'],
      ['generation_count', '1234'],
    ]);
  });

  it('fills in what a row does not have', async () => {
    const { objects } = await read(dump('<table name="VIF"><row ref="OpaqueRef:1" uuid="u"/></table>'));
    const fields = objects[0]?.fields;
    expect([...(fields?.keys() ?? [])]).toEqual(classModel('VIF').fields.map((f) => f.name));
    expect(fields?.get('ipv4_configuration_mode')).toBe('None');
    expect(fields?.get('locking_mode')).toBe('network_default');
    expect(fields?.get('VM')).toBe('OpaqueRef:NULL');
    expect(fields?.get('MTU')).toBe(0);
  });

  it('starts an enumeration that has no default with its first name', async () => {
    const { objects } = await read(dump('<table name="VBD"><row ref="OpaqueRef:1"/></table>'));
    expect(objects[0]?.fields.get('mode')).toBe('RO');
    expect(objects[0]?.fields.get('type')).toBe('CD');
  });

  it('does not carry over what a restart would forget', async () => {
    const { objects } = await read(
      dump(
        `<table name="VM"><row ref="OpaqueRef:1" allowed_operations="('start')" current_operations="(('OpaqueRef:t' 'start'))"/></table>`,
      ),
    );
    expect(objects[0]?.fields.get('allowed_operations')).toEqual([]);
    expect(objects[0]?.fields.get('current_operations')).toEqual(new Map());
  });

  it('counts what the model does not have and goes on', async () => {
    const { objects, report } = await read(
      dump(`<table name="Moon"><row ref="OpaqueRef:1"/><row ref="OpaqueRef:2"/></table>
<table name="session"><row ref="OpaqueRef:3"/></table>
<table name="VM"><row ref="OpaqueRef:4" colour="red"/><row ref="OpaqueRef:5" colour="blue" name_label="x" power_state="Asleep"/></table>`),
    );
    expect(objects.map((o) => o.ref)).toEqual(['OpaqueRef:4', 'OpaqueRef:5']);
    expect(objects[1]?.fields.get('power_state')).toBe('Halted');
    expect(objects[1]?.fields.get('name_label')).toBe('');
    expect(report.problems).toEqual([
      { kind: 'unknown table', table: 'Moon', line: 3, count: 2 },
      { kind: 'table not stored', table: 'session', line: 4, count: 1 },
      { kind: 'unknown field', table: 'VM', field: 'colour', line: 5, count: 2 },
      { kind: 'unknown field', table: 'VM', field: 'name_label', line: 5, count: 1 },
      { kind: 'unknown value', table: 'VM', field: 'power_state', line: 5, count: 1 },
    ]);
  });

  it('knows no trap in names', async () => {
    const { objects, report } = await read(
      dump(
        '<table name="__proto__"><row ref="OpaqueRef:1"/></table><table name="VM"><row ref="OpaqueRef:2" __proto__="x" constructor="y"/></table>',
      ),
    );
    expect(objects).toHaveLength(1);
    expect(report.problems.map((p) => p.field ?? p.table)).toEqual(['__proto__', '__proto__', 'constructor']);
  });
});

describe('refusing', () => {
  it('names line, table and row of a damaged value', async () => {
    const error = await failure(
      dump('<table name="VM">\n<row ref="OpaqueRef:1"/>\n<row ref="OpaqueRef:2" user_version="seven"/></table>'),
    );
    expect(error).toMatchObject({ line: 5, table: 'VM', row: 'OpaqueRef:2' });
    expect(error.message).toContain('field user_version: not a whole number');
  });

  it('refuses other documents', async () => {
    expect((await failure('<html><body/></html>')).message).toContain('unexpected element html');
    expect((await failure(dump('<row ref="OpaqueRef:1"/>'))).message).toContain('unexpected element database/row');
    expect((await failure(dump('<table><row ref="x"/></table>'))).message).toContain('without a name');
    expect((await failure(dump('<table name="VM"><row uuid="u"/></table>'))).message).toContain('without a reference');
    expect((await failure('')).line).toBe(1);
    expect((await failure('<database><manifest>')).message).toContain('unclosed tag');
    expect((await failure(dump('<table name="VM"><row ref="a" uuid="1" uuid="2"/></table>'))).message).toContain(
      'duplicate attribute',
    );
  });

  it('expands no entity of a document', async () => {
    const text = `<!DOCTYPE database [<!ENTITY a "b">]><database><table name="VM"><row ref="&a;"/></table></database>`;
    expect((await failure(text)).message).toContain('undefined entity');
  });

  it('refuses bytes that are no UTF-8', async () => {
    const reader = new DatabaseDumpReader();
    const run = async () => {
      for await (const _ of reader.read([Buffer.from([0x3c, 0xff, 0xfe])])) expect.unreachable();
    };
    await expect(run()).rejects.toThrow('not UTF-8');
  });

  it('keeps its limits', async () => {
    const rows = dump(`<table name="VM">${'<row ref="OpaqueRef:1"/>'.repeat(5)}</table>`);
    expect((await failure(rows, { rows: 4 })).message).toContain('more than 4 rows');
    expect((await failure(rows, { bytes: 100 })).message).toContain('larger than 100 bytes');
    const long = dump(`<table name="VM"><row ref="OpaqueRef:1" name__label="${'x'.repeat(1000)}"/></table>`);
    expect((await failure(long, { element: 500 })).message).toContain('more than 500 characters');
    expect((await read(long, { element: 1500 })).objects).toHaveLength(1);
  });
});

describe('text in attributes', () => {
  it('reads old spellings and lone percent signs', () => {
    expect(unprotect('a%_b')).toBe('a  b');
    expect(unprotect('100% %x %')).toBe('100% %x %');
    expect(unprotect('%%.')).toBe('%.');
  });

  it('leaves out what XML cannot hold', () => {
    expect(protect('a\u0000b\u001b\ud800c\uffffd\u0085')).toBe('abcd\u0085');
    expect(protect('😀')).toBe('😀');
  });
});

const legal = fc
  .string({ unit: 'grapheme' })
  .map((text) => text.replace(/(?![\u007F-\u009F\t\n\r])[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, ''));

/** Values that a field of a class may have. */
function anyValue(type: TypeNode): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'string':
      return legal;
    case 'enum':
      return fc.constantFrom(...enums[type.name as keyof typeof enums]);
    case 'int':
      return fc.maxSafeInteger();
    case 'float':
      return fc.double({ noNaN: true });
    case 'bool':
      return fc.boolean();
    case 'ref':
      return fc.uuid().map((uuid) => `OpaqueRef:${uuid}`);
    case 'datetime':
      return fc.integer({ min: 0, max: 4e9 }).map((seconds) => toDateTime(seconds * 1000));
    case 'set':
      return fc.array(anyValue(type.of), { maxLength: 3 });
    case 'map':
      return fc.array(fc.tuple(anyValue(type.key), anyValue(type.value)), { maxLength: 3 }).map((pairs) => new Map(pairs));
    default:
      throw new Error(`no field has the type ${type.kind}`);
  }
}

describe('writing', () => {
  const manifest = { schemaMajor: 5, schemaMinor: 909, generation: 42 };
  const write = (rows: Partial<Record<ClassName, DumpRow[]>>) =>
    [...writeDatabaseDump(manifest, (name) => rows[name] ?? [])].join('');

  it('has a table for every class that is in the database, and no rows of volatile ones', () => {
    const text = write({
      session: [{ ref: 'OpaqueRef:s', fields: {} }],
      secret: [{ ref: 'OpaqueRef:k', fields: { value: 'a b' } }],
    });
    expect(text).toContain('<table name="session"></table>');
    expect(text).toContain('<table name="VM"></table>');
    expect(text).not.toContain('<table name="event">');
    expect(text).toContain(
      '<row ref="OpaqueRef:k" __ctime="0" __mtime="0" _ref="OpaqueRef:k" uuid="" value="a%.b" other_config="()"/>',
    );
    expect(text).toContain('<pair key="generation_count" value="42"/>');
  });

  it('comes in chunks', () => {
    const rows = Array.from({ length: 200 }, (_, i) => ({ ref: `OpaqueRef:${i}`, fields: {} }));
    const chunks = [...writeDatabaseDump(manifest, (name) => (name === 'VM' ? rows : []))];
    expect(chunks.length).toBeGreaterThan(3);
    expect(Math.max(...chunks.map((c) => c.length))).toBeLessThan(80_000);
  });

  it('is read back as it was', async () => {
    for (const name of ['VM', 'host', 'SM', 'PGPU'] as const) {
      const fields = classModel(name).fields.filter(
        (f) => f.persistent && f.schema.state !== 'removed' && f.type.kind !== 'enum',
      );
      const record = fc.record(Object.fromEntries(fields.map((f) => [f.name, anyValue(f.type)])));
      await fc.assert(
        fc.asyncProperty(record, async (values) => {
          const { objects, report } = await read(write({ [name]: [{ ref: 'OpaqueRef:1', fields: values }] }));
          expect(report.problems).toEqual([]);
          expect(Object.fromEntries(objects[0]?.fields ?? [])).toMatchObject(values);
        }),
        { numRuns: 20 },
      );
    }
  });
});
