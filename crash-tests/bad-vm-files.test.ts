import { beforeAll, expect, it } from 'vitest';
import { filesOf } from '../src/api/vm-files/testing/vm-files.js';
import { encodeTarHeader, TAR_BLOCK, tarEnd, tarPadding } from '../src/wire/xva/tar-header.js';
import { tarOf } from '../src/wire/xva/test-bytes.js';
import { sturdyDaemon } from './support/sturdy-daemon.js';
import { everything, LARGE, upload } from './support/uploads.js';

// Files of VMs that nobody should send. Each is refused, and nothing of it is there afterwards: no VM, disk, network or file.
const sturdy = sturdyDaemon('hosts=1,vms=3,running=0');

/** Files of a file of a VM, in their order. */
type Files = ReadonlyMap<string, Buffer>;

let files: Files;
let disk: string;

beforeAll(async () => {
  const { rpc, daemon } = sturdy;
  const vms =
    await rpc.call<Record<string, { is_a_template: boolean; is_control_domain: boolean; power_state: string }>>(
      'VM.get_all_records',
    );
  const [vm] =
    Object.entries(vms).find(
      ([, fields]) => !fields.is_a_template && !fields.is_control_domain && fields.power_state === 'Halted',
    ) ?? [];
  if (vm === undefined) throw new Error('the pool has no VM that is off');
  const answer = await fetch(`${daemon.http}/export?session_id=${rpc.session}&ref=${vm}`);
  files = await filesOf(Buffer.from(await answer.arrayBuffer()));
  disk = [...files.keys()].find((name) => name.endsWith('/00000000'))?.split('/')[0] ?? '';
});

function xml(): string {
  return files.get('ova.xml')?.toString() ?? '';
}

/** The file with another description. */
function described(change: (text: string) => string): Buffer {
  const text = change(xml());
  expect(text).not.toBe(xml());
  return tarOf(new Map([...files, ['ova.xml', Buffer.from(text)]]));
}

/** The file with something between the description and the disk. */
function between(...entries: Buffer[]): Buffer {
  const [head, ...rest] = [...files];
  if (head === undefined) throw new Error('the file is empty');
  return Buffer.concat([tarOf([head]).subarray(0, -2 * TAR_BLOCK), ...entries, tarOf(rest)]);
}

/** An entry of some kind, with as many bytes behind it as it says. */
function entry(name: string, kind: string, content = '', size = Buffer.byteLength(content)): Buffer {
  const header = encodeTarHeader(name, size, 0);
  header.write(kind, 156, 'latin1');
  header.fill(0x20, 148, 156);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
    'latin1',
  );
  return Buffer.concat([header, Buffer.from(content), Buffer.alloc(tarPadding(Buffer.byteLength(content)))]);
}

function reference(text: string, member: string): string {
  return text.replace(new RegExp(`(<name>${member}</name>\\s*<value>)Ref:\\d+`), '$1Ref:99999');
}

const CASES: Readonly<Record<string, () => Buffer>> = {
  'nothing of the kind': () => Buffer.alloc(64 * 1024, 'x'),
  'nothing but zeros': () => Buffer.alloc(64 * 1024),
  'the start of gzip': () => Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5]),
  'the start of zstd': () => Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3, 4, 5]),
  'a disk without a description': () => tarOf([...files].slice(1)),
  'a description without a disk': () => tarOf([...files].slice(0, 1)),
  'a symbolic link': () => between(entry(`${disk}/00000000`, '2')),
  'a hard link': () => between(entry(`${disk}/00000000`, '1')),
  'a device': () => between(entry('dev', '3')),
  'a pipe': () => between(entry('pipe', '6')),
  'an absolute name': () => between(entry('/etc/cron.d/x', '0', '* * * * * root true')),
  'a name that leads out': () => between(entry('../../x', '0', 'x')),
  'a long name that leads out': () => between(entry('@LongLink', 'L', `${'../'.repeat(50)}x\0`), entry('x', '0', 'x')),
  'a name of attributes that leads out': () => between(entry('pax', 'x', '22 path=../../../../x\n'), entry('x', '0', 'x')),
  'a size of attributes beyond all files': () =>
    between(entry('pax', 'x', '28 size=9999999999999999999\n'), entry('x', '0', 'x')),
  'attributes of many bytes': () => between(entry('pax', 'x', 'x'.repeat(1024 * 1024))),
  'attributes without end': () => between(...Array.from({ length: 10_000 }, () => entry('pax', 'x', '10 a=bcde\n'))),
  'attributes that are said to be 8 GiB': () => between(entry('pax', 'x', '', 2 ** 33 - 1)),
  'a description of 8 GiB': () => Buffer.concat([entry('ova.xml', '0', '', 2 ** 33 - 1), Buffer.alloc(LARGE, 'x')]),
  'a description of many elements': () => tarOf([['ova.xml', `<value>${'<array>'.repeat(2_000_000)}`]]),
  'a description that names a file': () =>
    described((text) =>
      text
        .replace(/^(<\?xml[^>]*\?>)?/, '<!DOCTYPE value [<!ENTITY a SYSTEM "file:///etc/passwd">]>')
        .replace('<name>name_label</name><value>', '<name>name_label</name><value>&a;'),
    ),
  'a description that grows': () =>
    tarOf([['ova.xml', `<!DOCTYPE v [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><value>&b;</value>`]]),
  'a VM that stands on nothing': () => described((text) => reference(text, 'VM')),
  'a drive with a disk that is not there': () => described((text) => reference(text, 'VDI')),
  'a card in a network that is not there': () => described((text) => reference(text, 'network')),
  'two objects of one id': () =>
    described((text) => text.replace(/<name>id<\/name>(\s*)<value>Ref:\d+/g, `<name>id</name>$1<value>Ref:1`)),
  'a disk of a size below zero': () => described((text) => text.replace(/(<name>virtual_size<\/name>\s*<value>)\d+/, '$1-1')),
  'a disk that is smaller than its pieces': () =>
    described((text) => text.replace(/(<name>virtual_size<\/name>\s*<value>)\d+/, '$1512')),
  'a disk of 8 EiB': () =>
    described((text) => text.replace(/(<name>virtual_size<\/name>\s*<value>)\d+/, '$19223372036854775807')),
  'a piece of another disk': () => between(entry('Ref:99999/00000000', '0', 'x')),
  'a piece of 8 GiB': () => between(entry(`${disk}/00000000`, '0', '', 2 ** 33 - 1)),
  'a piece far behind the end': () => between(entry(`${disk}/00000000`, '0', 'x'), entry(`${disk}/99999999`, '0', 'x')),
  'a checksum that does not fit': () => tarOf(new Map([...files, [`${disk}/00000000.xxhash`, Buffer.from('0123456789ABCDEF')]])),
  'a checksum as long as a disk': () => tarOf(new Map([...files, [`${disk}/00000000.xxhash`, Buffer.alloc(LARGE, 'A')]])),
  'a piece that is damaged': () => {
    const piece = Buffer.from(files.get(`${disk}/00000000`) ?? '');
    piece[1000] = (piece[1000] ?? 0) ^ 1;
    return tarOf(new Map([...files, [`${disk}/00000000`, piece]]));
  },
  'a file that is two': () => Buffer.concat([tarOf([...files].slice(0, 2)), tarEnd()]),
};

it.each(Object.keys(CASES))('%s', { timeout: 60_000 }, async (what) => {
  const file = CASES[what]?.() ?? Buffer.alloc(0);
  const before = await everything(sturdy);
  const memory = sturdy.resident();
  const sent = await upload(sturdy, '/import', {}, file);
  expect(sent.status).toBe('failure');
  expect(sent.error[0]).toMatch(/^(?:IMPORT_ERROR|IMPORT_INCOMPATIBLE|VDI_TOO_LARGE|SR_FULL|VALUE_NOT_SUPPORTED)/);
  expect(await everything(sturdy)).toEqual(before);
  expect(sturdy.resident() - memory).toBeLessThan(300);
});
