import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { card, drive, envelopeOf, item } from '../src/wire/ovf/testing/envelopes.js';
import { Daemon, newDataDir, remove } from '../test-support/daemon.js';
import { Xe } from './support/xe.js';

// VMs and disks of other products, as people take them along with the command line.
const MIB = 2 ** 20;
const SIZE = 8 * MIB;
const content = Buffer.concat([randomBytes(MIB + 5), Buffer.alloc(5 * MIB), randomBytes(MIB), Buffer.alloc(SIZE)]).subarray(
  0,
  SIZE,
);

let dataDir: string;
let directory: string;
let daemon: Daemon;
let xe: Xe;
let sr: string;

const file = (name: string): string => join(directory, name);

beforeAll(async () => {
  dataDir = await newDataDir();
  directory = await mkdtemp(join(tmpdir(), 'appliances-'));
  daemon = await Daemon.start(dataDir, { emulate: 'hosts=1' });
  xe = new Xe(daemon);
  sr = await xe.line('pool-list', 'params=default-SR', '--minimal');
  await writeFile(file('content'), content);
});
afterAll(async () => {
  await remove(dataDir);
  await rm(directory, { recursive: true });
});

function convert(format: string, options: string, name: string): void {
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', format, '-o', options, file('content'), file(name)]);
}

async function contentOf(uuid: string): Promise<Buffer> {
  const name = file(`back-${uuid}`);
  await xe.does('vdi-export', `uuid=${uuid}`, `filename=${name}`);
  return readFile(name);
}

it.each([
  ['vmdk', 'subformat=streamOptimized'],
  ['vmdk', 'subformat=monolithicSparse'],
  ['vhdx', 'subformat=dynamic'],
  ['vhdx', 'subformat=fixed'],
])('vdi-import format=%s, made with %s', async (format, options) => {
  convert(format, options, 'disk');
  const disk = await xe.makes('vdi-create', `sr-uuid=${sr}`, 'name-label=disk', `virtual-size=${SIZE}`, 'type=user');
  await xe.does('vdi-import', `uuid=${disk}`, `filename=${file('disk')}`, `format=${format}`);
  expect((await contentOf(disk)).equals(content)).toBe(true);
});

it('a disk that is refused keeps what it had', async () => {
  const disk = await xe.makes('vdi-create', `sr-uuid=${sr}`, 'name-label=disk', `virtual-size=${SIZE}`, 'type=user');
  await xe.does('vdi-import', `uuid=${disk}`, `filename=${file('content')}`);
  convert('vmdk', 'subformat=streamOptimized', 'whole');
  const whole = await readFile(file('whole'));
  await writeFile(file('half'), whole.subarray(0, whole.length / 2));
  const { status } = await xe.run(['vdi-import', `uuid=${disk}`, `filename=${file('half')}`, 'format=vmdk']);
  expect(status).toBe(1);
  expect((await contentOf(disk)).equals(content)).toBe(true);
});

it('vm-import of an appliance that tar has packed', async () => {
  convert('vmdk', 'subformat=streamOptimized', 'disk.vmdk');
  const envelope = envelopeOf({
    files: '<File ovf:id="file1" ovf:href="disk.vmdk"/>',
    disks: `<Disk ovf:diskId="disk1" ovf:fileRef="file1" ovf:capacity="${SIZE / MIB}" ovf:capacityAllocationUnits="byte * 2^20"/>`,
    hardware: item({ id: 3, type: 6 }) + drive(4, 3, 0, 'disk1') + card(5, 'VM Network'),
  });
  await writeFile(file('appliance.ovf'), envelope);
  const digest = async (name: string) =>
    `SHA256(${name})= ${createHash('sha256')
      .update(await readFile(file(name)))
      .digest('hex')}\n`;
  await writeFile(file('appliance.mf'), (await digest('appliance.ovf')) + (await digest('disk.vmdk')));
  const parts = ['appliance.ovf', 'appliance.mf', 'disk.vmdk'];
  execFileSync('tar', ['--format=ustar', '-cf', file('appliance.ova'), ...parts], { cwd: directory });
  const vm = await xe.makes('vm-import', `filename=${file('appliance.ova')}`);
  expect(await xe.line('vm-param-get', `uuid=${vm}`, 'param-name=name-label')).toBe('From elsewhere & here');
  const disk = await xe.line('vbd-list', `vm-uuid=${vm}`, 'type=Disk', 'params=vdi-uuid', '--minimal');
  expect((await contentOf(disk)).equals(content)).toBe(true);
  await xe.does('vm-start', `uuid=${vm}`);
});

it('vm-import of an appliance that is not what its manifest says', async () => {
  await writeFile(file('appliance.mf'), `SHA256(disk.vmdk)= ${'0'.repeat(64)}\n`);
  execFileSync('tar', ['-cf', file('wrong.ova'), 'appliance.ovf', 'appliance.mf', 'disk.vmdk'], { cwd: directory });
  const [vms, vdis] = [await xe.line('vm-list', '--minimal'), await xe.line('vdi-list', '--minimal')];
  const { status } = await xe.run(['vm-import', `filename=${file('wrong.ova')}`]);
  expect(status).toBe(1);
  expect([await xe.line('vm-list', '--minimal'), await xe.line('vdi-list', '--minimal')]).toEqual([vms, vdis]);
});
