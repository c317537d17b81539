import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ref } from '../../model/ref.js';
import { type FileVersion, writeDescription } from '../../wire/xva/description.js';
import { structText } from '../../wire/xva/struct-text.js';
import { tarOf } from '../../wire/xva/test-bytes.js';
import { type PoolFixture, poolFixture } from '../testing/pool-fixture.js';
import { superuserCaller } from '../testing/superuser-caller.js';
import { disksOf, imported, readDisk } from './testing/vm-files.js';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

let pool: PoolFixture;
let sr: Ref<'SR'>;
beforeEach(async () => {
  pool = await poolFixture();
  sr = pool.db.get('pool', pool.api.pool).default_SR;
});
afterEach(() => pool.close());

type Given = Readonly<Record<string, string | boolean | Readonly<Record<string, string>> | readonly string[]>>;

function fields(given: Given): string {
  const text = (value: Given[string]): string => {
    if (typeof value === 'string') return `<value>${value}</value>`;
    if (typeof value === 'boolean') return `<value><boolean>${Number(value)}</boolean></value>`;
    if (Array.isArray(value)) return `<value><array><data>${value.map(text).join('')}</data></array></value>`;
    return structText(Object.entries(value).map(([name, item]) => [name, text(item)] as const));
  };
  return structText(Object.entries(given).map(([name, value]) => [name, text(value)] as const));
}

const FIRST_VERSION: FileVersion = {
  hostname: 'old',
  date: '2007-01-01',
  productVersion: '3.2.0',
  productBrand: 'XenServer',
  buildNumber: '1',
  xapiMajor: 1,
  xapiMinor: 1,
  exportVersion: 0,
};

/** A guest as the first versions wrote it: of today's fields it has a third. */
const OLD_VM: Given = {
  uuid: '33333333-3333-4333-8333-333333333333',
  name_label: 'old guest',
  power_state: 'Halted',
  is_a_template: false,
  memory_static_max: String(GIB),
  memory_dynamic_max: String(2 * GIB),
  memory_dynamic_min: '0',
  memory_static_min: '0',
  VCPUs_max: '2',
  VCPUs_at_startup: '2',
  actions_after_shutdown: 'destroy',
  actions_after_reboot: 'restart',
  actions_after_crash: 'restart',
  HVM_boot_policy: 'BIOS order',
  HVM_boot_params: { order: 'dc' },
  platform: { acpi: 'true' },
  allowed_operations: ['an_operation_of_then'],
  other_config: { grant_api_access: 'internal', note: 'kept' },
  ha_restart_priority: '2',
  VBDs: ['Ref:2'],
  a_field_of_then: 'x',
};

function oldFile(version: Partial<FileVersion>, vm: Given, disk: readonly (readonly [string, Buffer | string])[]): Buffer {
  const objects = [
    { className: 'VM', id: 'Ref:1', fields: fields(vm) },
    {
      className: 'VBD',
      id: 'Ref:2',
      fields: fields({ VM: 'Ref:1', VDI: 'Ref:3', userdevice: 'hda', mode: 'RW', type: 'Disk', bootable: true, empty: false }),
    },
    {
      className: 'VDI',
      id: 'Ref:3',
      fields: fields({ name_label: 'disk', SR: 'Ref:4', virtual_size: String(3 * MIB), type: 'system', location: 'x' }),
    },
    { className: 'SR', id: 'Ref:4', fields: fields({ name_label: 'sr', content_type: 'user', type: 'lvm' }) },
    { className: 'something_new', id: 'Ref:5', fields: fields({ a: 'b' }) },
  ];
  const description = [...writeDescription({ ...FIRST_VERSION, ...version }, objects)].join('');
  return tarOf([['ova.xml', description], ...disk]);
}

const first = randomBytes(MIB);
const last = randomBytes(MIB);
const sha1 = (data: Buffer) => createHash('sha1').update(data).digest('hex');
const pieces = [
  ['Ref:3/00000000', first],
  ['Ref:3/00000002', last],
] as const;
const withSums = pieces.flatMap(([name, data]) => [[name, data] as const, [`${name}.checksum`, sha1(data)] as const]);
const list = (sums: Readonly<Record<string, string>>) => ['checksum.xml', fields(sums)] as const;
const rightList = list(Object.fromEntries(pieces.map(([name, data]) => [name, sha1(data)])));

async function diskOf(vm: Ref<'VM'>): Promise<Buffer> {
  const [vdi] = disksOf(pool.api, vm);
  return readDisk(pool.api, vdi ?? ('' as Ref<'VDI'>), 0, 3 * MIB);
}

describe('files of old versions', () => {
  it.each([
    ['the first, with checksums at the end', { exportVersion: 0 }, [...pieces, rightList]],
    ['the second, with checksums twice', { exportVersion: 1 }, [...withSums, rightList]],
    ['the third, with SHA-1', { exportVersion: 2 }, withSums],
  ] as const)('%s', async (_, version, disk) => {
    const [vm] = await imported(pool.api, oldFile(version, OLD_VM, disk), sr);
    if (vm === undefined) throw new Error('nothing was imported');
    expect((await diskOf(vm)).equals(Buffer.concat([first, Buffer.alloc(MIB), last]))).toBe(true);
  });

  it('have their missing fields filled in, and what meant something else then put right', async () => {
    const [vm] = await imported(pool.api, oldFile({}, OLD_VM, [...pieces, rightList]), sr);
    const made = pool.db.get('VM', vm ?? '');
    expect(made).toMatchObject({
      name_label: 'old guest',
      domain_type: 'hvm',
      memory_static_max: GIB,
      memory_dynamic_max: GIB,
      memory_dynamic_min: GIB,
      memory_static_min: 0,
      has_vendor_device: false,
      ha_restart_priority: 'restart',
      order: 2,
      hardware_platform_version: 0,
    });
    expect(made.other_config.get('note')).toBe('kept');
    expect(made.other_config.has('grant_api_access')).toBe(false);
    expect(pool.db.get('VBD', made.VBDs[0] ?? '')).toMatchObject({ userdevice: '0', bootable: true });
    await superuserCaller(pool.api)('VM.start', vm, false, false);
  });

  it('keep guests paravirtualised that were', async () => {
    const pv = { ...OLD_VM, HVM_boot_policy: '', PV_bootloader: 'pygrub', PV_args: 'console=hvc0' };
    const [vm] = await imported(pool.api, oldFile({}, pv, [...pieces, rightList]), sr);
    expect(pool.db.get('VM', vm ?? '')).toMatchObject({ domain_type: 'pv', PV_bootloader: 'pygrub', PV_args: 'console=hvc0' });
  });

  it('are refused when the list at their end does not fit, or is missing', async () => {
    const wrong = list({ 'Ref:3/00000000': sha1(first), 'Ref:3/00000002': sha1(first) });
    const vms = pool.db.table('VM').rows.size;
    await expect(imported(pool.api, oldFile({}, OLD_VM, [...pieces, wrong]), sr)).rejects.toMatchObject({
      code: 'IMPORT_ERROR_SOME_CHECKSUMS_FAILED',
    });
    await expect(imported(pool.api, oldFile({}, OLD_VM, pieces), sr)).rejects.toMatchObject({
      code: 'IMPORT_ERROR_PREMATURE_EOF',
    });
    expect(pool.db.table('VM').rows.size).toBe(vms);
  });
});

describe('a file that makes no sense is refused:', () => {
  it.each([
    ['a size below zero', { virtual_size: '-1' }, 'IMPORT_ERROR'],
    ['a size that is no number', { virtual_size: 'large' }, 'IMPORT_ERROR'],
  ])('%s', async (_, disk, code) => {
    const objects = [
      { className: 'VDI', id: 'Ref:3', fields: fields({ SR: 'Ref:4', type: 'user', ...disk }) },
      { className: 'SR', id: 'Ref:4', fields: fields({ content_type: 'user' }) },
    ];
    const file = tarOf([['ova.xml', [...writeDescription(FIRST_VERSION, objects)].join('')]]);
    const vdis = pool.db.table('VDI').rows.size;
    await expect(imported(pool.api, file, sr)).rejects.toMatchObject({ code });
    expect(pool.db.table('VDI').rows.size).toBe(vdis);
  });

  it.each([
    ['a drive at no place', 'hda', '../../etc'],
    ['a word that is a list', '<name>mode</name><value>RW', '<name>mode</name><value><array><data/></array>'],
  ])('%s', async (_, from, to) => {
    const file = oldFile({}, OLD_VM, [...pieces, rightList]);
    const text = file.toString('latin1');
    expect(text).toContain(from);
    const files = tarOf([['ova.xml', text.slice(512, text.indexOf('\0', 512)).replace(from, to)], ...pieces, rightList]);
    const vdis = pool.db.table('VDI').rows.size;
    await expect(imported(pool.api, files, sr)).rejects.toMatchObject({
      code: expect.stringMatching(/^(INVALID_DEVICE|IMPORT_ERROR)$/),
    });
    expect(pool.db.table('VDI').rows.size).toBe(vdis);
  });
});

describe('VM.import', () => {
  let server: Server;
  let answer: (path: string) => Buffer | undefined;
  beforeEach(async () => {
    server = createServer((req, res) => {
      const body = answer(req.url ?? '');
      if (req.url === '/cut') res.writeHead(200, { 'Content-Length': '10000000' });
      else res.writeHead(body ? 200 : 404);
      if (req.url === '/cut') res.write(body, () => res.destroy());
      else res.end(body);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });
  afterEach(() => void server.close());

  it('fetches a file, and leaves nothing when that breaks off', async () => {
    const call = superuserCaller(pool.api);
    const file = oldFile({ exportVersion: 2 }, OLD_VM, withSums);
    answer = (path) => (path === '/cut' ? file.subarray(0, MIB) : path === '/file' ? file : undefined);
    const at = (path: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
    const [vm] = await call<Ref<'VM'>[]>('VM.import', at('/file'), sr, false, false);
    expect((await diskOf(vm ?? ('' as Ref<'VM'>))).subarray(0, MIB).equals(first)).toBe(true);
    const vms = pool.db.table('VM').rows.size;
    await expect(call('VM.import', at('/cut'), sr, false, false)).rejects.toMatchObject({ code: 'IMPORT_ERROR_PREMATURE_EOF' });
    await expect(call('VM.import', at('/none'), sr, false, false)).rejects.toMatchObject({
      code: 'IMPORT_ERROR',
      params: [expect.stringContaining('answered 404')],
    });
    await expect(call('VM.import', 'file:///etc/passwd', sr, false, false)).rejects.toMatchObject({ code: 'IMPORT_ERROR' });
    expect(pool.db.table('VM').rows.size).toBe(vms);
  });
});
