import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkBridges, checkKvm, checkLibvirt, checkPrograms } from './host-checks.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'doctor-'));
});
afterAll(() => rm(directory, { recursive: true }));

it('fails for a libvirt that was asked for and does not answer, and warns of one that was not', async () => {
  const uri = `qemu:///system?socket=${join(directory, 'no-socket')}`;
  expect(await checkLibvirt(uri, true)).toMatchObject({ grade: 'fail', found: expect.stringContaining('does not answer') });
  expect(await checkLibvirt(uri, false)).toMatchObject({ grade: 'warn', advice: expect.stringContaining('emulated pool') });
});

it('tells whether guests run on the processor', async () => {
  await writeFile(join(directory, 'kvm'), '');
  expect(await checkKvm(join(directory, 'kvm'))).toMatchObject({ grade: 'ok' });
  expect(await checkKvm(join(directory, 'no-kvm'))).toMatchObject({ grade: 'warn', found: expect.stringContaining('ENOENT') });
});

it('finds programs in the path, and names the packages of those that it does not find', async () => {
  const path = join(directory, 'bin');
  await mkdir(path);
  for (const program of ['qemu-img', 'ip', 'tc', 'nft']) {
    await writeFile(join(path, program), '');
    await chmod(join(path, program), 0o755);
  }
  expect(await checkPrograms(true, path)).toMatchObject({ grade: 'ok' });
});

it('lists the bridges of the host', async () => {
  const net = join(directory, 'net');
  await mkdir(join(net, 'br0', 'bridge'), { recursive: true });
  await mkdir(join(net, 'eth0'), { recursive: true });
  expect(await checkBridges(net)).toMatchObject({ grade: 'ok', found: 'br0' });
  expect(await checkBridges(join(directory, 'nothing'))).toMatchObject({
    grade: 'ok',
    found: expect.stringContaining('none yet'),
  });
});
