import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ref } from '../../model/ref.js';
import { vhdxOf } from '../../wire/disk/testing/vhdx-writer.js';
import { sparseVmdk, streamOptimizedVmdk } from '../../wire/disk/testing/vmdk-writer.js';
import { card, config, drive, envelopeOf, item, type TestEnvelope } from '../../wire/ovf/testing/envelopes.js';
import { tarOf } from '../../wire/xva/test-bytes.js';
import { type PoolFixture, poolFixture } from '../testing/pool-fixture.js';
import { disksOf, imported, readDisk } from './testing/vm-files.js';

const MIB = 2 ** 20;
const system = Buffer.concat([randomBytes(MIB + 512), Buffer.alloc(2 * MIB - 512), randomBytes(512)]);
const data = Buffer.concat([Buffer.alloc(65_536), randomBytes(MIB)]);

let pool: PoolFixture;
let sr: Ref<'SR'>;
beforeEach(async () => {
  pool = await poolFixture({ vms: [] });
  sr = pool.db.get('pool', pool.api.pool).default_SR;
});
afterEach(() => pool.close());

const FILES = '<File ovf:id="f1" ovf:href="system.vmdk"/><File ovf:id="f2" ovf:href="data.vmdk"/>';
const DISKS = [
  ['system', 'f1', system.length],
  ['data', 'f2', data.length],
]
  .map(([id, file, capacity]) => `<Disk ovf:diskId="${id}" ovf:fileRef="${file}" ovf:capacity="${capacity}"/>`)
  .join('');
const HARDWARE = [item({ id: 3, type: 6 }), drive(4, 3, 1, 'data'), drive(5, 3, 0, 'system'), card(6, 'VM Network')].join('');

function described(envelope: TestEnvelope = {}): string {
  return envelopeOf({ files: FILES, disks: DISKS, hardware: HARDWARE, ...envelope });
}

const CONTENT: readonly (readonly [string, Buffer])[] = [
  ['system.vmdk', streamOptimizedVmdk(system)],
  ['data.vmdk', streamOptimizedVmdk(data)],
];

function manifestOf(files: readonly (readonly [string, Buffer | string])[], kind = 'sha256'): string {
  return files
    .map(([name, bytes]) => `${kind.toUpperCase()}(${name})= ${createHash(kind).update(bytes).digest('hex')}\n`)
    .join('');
}

async function taken(file: Buffer, options: { force?: boolean } = {}): Promise<Ref<'VM'>> {
  const [vm, ...more] = await imported(pool.api, file, sr, options);
  if (vm === undefined || more.length > 0) throw new Error('not one VM');
  return vm;
}

async function expectDisks(vm: Ref<'VM'>, ...contents: readonly Buffer[]): Promise<void> {
  const disks = disksOf(pool.api, vm);
  expect(disks).toHaveLength(contents.length);
  for (const [index, vdi] of disks.entries()) {
    const content = contents[index] ?? Buffer.alloc(0);
    expect((await readDisk(pool.api, vdi, 0, content.length)).equals(content), `disk ${index}`).toBe(true);
  }
}

/** How many objects of each class there are that an import could leave behind. */
function counts(): Record<string, number> {
  const classes = ['VM', 'VBD', 'VIF', 'VDI', 'VM_metrics', 'network'] as const;
  return Object.fromEntries(classes.map((name) => [name, pool.db.table(name).rows.size]));
}

describe('an appliance', () => {
  it('becomes a VM with its disks, drives and cards', async () => {
    const networks = pool.db.table('network').rows.size;
    const more = config('firmware', 'efi') + config('bootOptions.efiSecureBootEnabled', 'true');
    const hardware = HARDWARE + item({ id: 7, type: 15, parent: 3, place: 2 }) + more;
    const text = described({ hardware, guest: 'vmw:osType="ubuntu64Guest"' });
    const vm = await taken(tarOf([['appliance.ovf', text], ...CONTENT]));
    const fields = pool.db.get('VM', vm);
    expect(fields).toMatchObject({
      name_label: 'From elsewhere & here',
      name_description: 'What it is for',
      VCPUs_max: 2,
      memory_static_max: 192 * MIB,
      memory_dynamic_max: 192 * MIB,
      domain_type: 'hvm',
      power_state: 'Halted',
      is_a_template: false,
      is_default_template: false,
      reference_label: 'ubuntu-24.04',
    });
    expect(fields.HVM_boot_params.get('firmware')).toBe('uefi');
    expect(fields.platform.get('secureboot')).toBe('true');
    expect(fields.platform.get('disk-bus')).toBeUndefined();
    expect(fields.other_config.get('base_template_name')).toBe('Ubuntu Noble Numbat 24.04');
    const drives = fields.VBDs.map((ref) => pool.db.get('VBD', ref)).sort((a, b) => Number(a.userdevice) - Number(b.userdevice));
    expect(drives.map(({ userdevice, type, bootable, empty }) => [userdevice, type, bootable, empty])).toEqual([
      ['0', 'Disk', true, false],
      ['1', 'Disk', false, false],
      ['3', 'CD', false, true],
    ]);
    await expectDisks(vm, system, data);
    // A network of that name is not here: the card is where the host is managed.
    expect(pool.db.table('network').rows.size).toBe(networks);
    const [vif = ''] = fields.VIFs;
    const [, management] = pool.db.filter('PIF', (pif) => pif.management)[0] ?? [];
    expect(pool.db.get('VIF', vif).network).toBe(management?.network);
  });

  it('gives cards to networks of their names', async () => {
    const network = pool.db.create('network', { name_label: 'VM Network', bridge: 'xapi7' });
    const vm = await taken(tarOf([['a.ovf', described()], ...CONTENT]));
    expect(pool.db.get('VIF', pool.db.get('VM', vm).VIFs[0] ?? '').network).toBe(network);
  });

  it('of Windows gets devices for which that has drivers', async () => {
    const vm = await taken(tarOf([['a.ovf', described({ guest: 'vmw:osType="windows2019srv_64Guest"' })], ...CONTENT]));
    const { platform, reference_label } = pool.db.get('VM', vm);
    expect(reference_label).toBe('windows-server-2019-64bit');
    expect([platform.get('disk-bus'), platform.get('nic-model'), platform.get('viridian')]).toEqual(['sata', 'e1000e', 'true']);
  });

  it.each<[string, string, Buffer, string]>([
    ['VHDX', 'data.vhdx', vhdxOf(data), ''],
    ['sparse VMDK', 'data.vmdk', sparseVmdk(data), ''],
    ['raw', 'data.img', data, ''],
    ['raw, compressed', 'data.raw.gz', gzipSync(data), 'ovf:compression="gzip"'],
    ['VMDK, compressed', 'data.vmdk', gzipSync(streamOptimizedVmdk(data)), 'ovf:compression="gzip"'],
  ])('has a disk as %s, files in another order, others between them', async (_what, name, bytes, attribute) => {
    const files = FILES.replace('ovf:href="data.vmdk"', `ovf:href="${name}" ${attribute}`);
    const vm = await taken(
      tarOf([['a.ovf', described({ files })], [name, bytes], ['icon.png', randomBytes(9)], ...CONTENT.slice(0, 1)]),
    );
    await expectDisks(vm, system, data);
  });

  it('has empty disks, and may have several VMs', async () => {
    const one = envelopeOf({
      disks: '<Disk ovf:diskId="e" ovf:capacity="4" ovf:capacityAllocationUnits="MegaBytes"/>',
      hardware: drive(9, 3, 0, 'e'),
    });
    const vms = await imported(pool.api, tarOf([['a.ovf', one]]), sr);
    expect(vms).toHaveLength(1);
    await expectDisks(vms[0] as Ref<'VM'>, Buffer.alloc(4 * MIB));
    const start = one.indexOf('<VirtualSystem ');
    const end = one.indexOf('</Envelope>');
    const machine = one.slice(start, end).replace('ovf:/disk/e', 'ovf:/disk/f').replace('From elsewhere', 'Second');
    const two = `${one.slice(0, end)}${machine}</Envelope>`.replace(
      '</DiskSection>',
      '<Disk ovf:diskId="f" ovf:capacity="512"/></DiskSection>',
    );
    expect(await imported(pool.api, tarOf([['a.ovf', two]]), sr)).toHaveLength(2);
  });

  it.each(['sha1', 'sha256', 'sha512'])('fits its manifest of %s, which comes before or behind', async (kind) => {
    const files: (readonly [string, Buffer | string])[] = [['a.ovf', described()], ...CONTENT];
    const manifest = ['a.mf', manifestOf(files, kind)] as const;
    const [first, ...others] = files;
    if (!first) throw new Error('no file');
    await taken(tarOf([first, manifest, ...others]));
    await taken(tarOf([...files, manifest]));
    const before = counts();
    for (const changed of files.keys()) {
      const wrong = [
        'a.mf',
        manifestOf(
          files.map(([name, bytes], index) => [name, index === changed ? 'other' : bytes]),
          kind,
        ),
      ] as const;
      for (const file of [tarOf([first, wrong, ...others]), tarOf([...files, wrong])])
        await expect(taken(file)).rejects.toMatchObject({ code: 'IMPORT_ERROR_SOME_CHECKSUMS_FAILED' });
      expect(counts()).toEqual(before);
    }
    await taken(tarOf([...files, ['a.mf', manifestOf([['data.vmdk', 'other']], kind)]]), { force: true });
  });
});

describe('an appliance is refused, and nothing stays of it,', () => {
  const large = envelopeOf({ files: FILES, disks: DISKS.replace(`"${data.length}"`, '"65536"'), hardware: HARDWARE });
  it.each<[string, () => Buffer, RegExp | string]>([
    ['when it lacks a disk', () => tarOf([['a.ovf', described()], ...CONTENT.slice(0, 1)]), /lacks its file data.vmdk/],
    ['when a disk is larger than it says', () => tarOf([['a.ovf', large], ...CONTENT]), /larger disk/],
    [
      'when a disk is damaged',
      () =>
        tarOf([
          ['a.ovf', described()],
          ['data.vmdk', Buffer.alloc(1000)],
        ]),
      /raw/,
    ],
    ['when its description is alone', () => Buffer.from(described()), /pack the OVF file/],
    [
      'when a name leads out of it',
      () =>
        tarOf([
          ['a.ovf', described()],
          ['../data.vmdk', Buffer.alloc(9)],
        ]),
      /leads out/,
    ],
    [
      'when it is cut off in a disk',
      () => tarOf([['a.ovf', described()], ...CONTENT]).subarray(0, MIB),
      'IMPORT_ERROR_PREMATURE_EOF',
    ],
    [
      'when it is cut off behind its disks',
      () => tarOf([['a.ovf', described()], ...CONTENT]).subarray(0, -1024),
      'IMPORT_ERROR_PREMATURE_EOF',
    ],
  ])('%s', async (_what, file, message) => {
    const before = counts();
    const [host] = pool.emulated.hosts;
    const volumes = (await host?.storage.scan(pool.db.get('SR', sr).uuid))?.length;
    await expect(taken(file())).rejects.toThrow(message);
    expect(counts()).toEqual(before);
    expect((await host?.storage.scan(pool.db.get('SR', sr).uuid))?.length).toBe(volumes);
  });
});
