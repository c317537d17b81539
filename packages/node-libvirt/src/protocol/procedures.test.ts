import { describe, expect, it } from 'vitest';
import { XdrReader } from '../xdr/xdr-reader.js';
import { XdrWriter } from '../xdr/xdr-writer.js';
import { eventOf } from './event-kinds.js';
import { domainEvents } from './events.js';
import { Program } from './procedure.js';
import { callNamed, type Procedure, procedures, type StreamProcedure } from './procedures.js';

const all = (Object.keys(procedures) as (Procedure | StreamProcedure)[]).map((name) => ({ name, ...callNamed(name) }));

describe('the table of calls', () => {
  it('gives each number to one call and to no event', () => {
    const numbers = all.map(({ program, number }) => `${program}/${number}`);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(all.filter(({ program, number }) => eventOf(program, number)).map(({ name }) => name)).toEqual([]);
  });

  it('keeps within the numbers that libvirt 9.0 knows', () => {
    for (const { name, program, number } of all) {
      expect(number, name).toBeGreaterThan(0);
      expect(number, name).toBeLessThanOrEqual(program === Program.REMOTE ? 443 : 7);
      expect(name.startsWith('QEMU_'), name).toBe(program === Program.QEMU);
    }
  });

  it('marks the calls that open streams', () => {
    const streams = Object.fromEntries(all.flatMap(({ name, stream }) => (stream ? [[name, stream]] : [])));
    expect(streams).toEqual({
      DOMAIN_OPEN_CONSOLE: 'both',
      DOMAIN_OPEN_CHANNEL: 'both',
      DOMAIN_SCREENSHOT: 'read',
      STORAGE_VOL_DOWNLOAD: 'read',
      STORAGE_VOL_UPLOAD: 'write',
      DOMAIN_MIGRATE_PREPARE_TUNNEL: 'write',
      DOMAIN_MIGRATE_PREPARE_TUNNEL3: 'write',
      DOMAIN_MIGRATE_PREPARE_TUNNEL3_PARAMS: 'write',
    });
  });

  it('refuses a name that is none, also one that every object has', () => {
    for (const name of ['DOMAIN_FLY', 'toString', '__proto__']) {
      expect(() => callNamed(name as Procedure)).toThrow(RangeError);
    }
  });

  it('puts arguments on the wire as the protocol says', () => {
    const writer = new XdrWriter();
    const dom = { name: 'vm1', uuid: '00112233-4455-6677-8899-AABBCCDDEEFF', id: -1 };
    callNamed('DOMAIN_GET_XML_DESC').args.write(writer, { dom, flags: 2 });
    expect(writer.bytes().toString('hex')).toBe('00000003766d31000011223344556677' + '8899aabbccddeeffffffffff00000002');
    expect(() => callNamed('DOMAIN_CREATE').args.write(writer, { dom: { ...dom, uuid: 'vm1' } })).toThrow(
      'dom.uuid: vm1 where a UUID is needed',
    );
  });

  it('lets optional arguments be absent', () => {
    const written = (args: unknown) => {
      const writer = new XdrWriter();
      callNamed('CONNECT_OPEN').args.write(writer, args);
      return writer.bytes().toString('hex');
    };
    expect(written({ flags: 1 })).toBe('0000000000000001');
    expect(written({ name: null, flags: 1 })).toBe('0000000000000001');
    expect(written({ name: 'a', flags: 1 })).toBe('00000001000000016100000000000001');
  });

  it('reads a UUID as dashed text in lower case', () => {
    const bytes = Buffer.from('00000001610000000011223344556677' + '8899aabbccddeeff00000005', 'hex');
    expect(callNamed('DOMAIN_LOOKUP_BY_NAME').result.read(new XdrReader(bytes))).toEqual({
      dom: { name: 'a', uuid: '00112233-4455-6677-8899-aabbccddeeff', id: 5 },
    });
  });
});

describe('the table of events', () => {
  it('asks for the events of domains by the numbers that libvirt gives them', () => {
    expect(Object.values(domainEvents).map(({ id }) => id)).toEqual(Object.keys(domainEvents).map((_, i) => i));
  });
});
