import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../../model/error.js';
import { bareDomain } from '../compute/testing/bare-domain.js';
import { CommandError, type Commands } from '../network/commands.js';
import { type BootFiles, bootFiles } from './boot-files.js';
import { bufferContent, loaderDisk } from './testing/buffer-content.js';
import { pvDomain, sampleKernel, unwatched } from './testing/pv-domain.js';
import { type Served, startWebServer, type WebServer } from './testing/web-server.js';

const kernel = sampleKernel(2000);
const ramdisk = randomBytes(3000);

let directory: string;
let server: WebServer;
const files = new Map<string, Served>();
const storage = { read: async () => Readable.from([]), open: async () => bufferContent(loaderDisk()) };

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'boot-files-'));
  files.clear();
  server = await startWebServer(files);
});
afterEach(async () => {
  await server.close();
  await rm(directory, { recursive: true, force: true });
});

const find = (): BootFiles => bootFiles({ storage, directory, guestKernels: [join(directory, 'guest')] });
const kept = () => readdir(join(directory, 'files'));

async function failure(work: Promise<unknown> | undefined): Promise<readonly string[]> {
  const thrown: unknown = await work?.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(thrown instanceof ApiError)) throw new Error(`not refused, but ${String(thrown)}`);
  return thrown.description;
}

describe('a VM that boots from its devices', () => {
  it('has no kernel, whatever its kind', async () => {
    expect(await find()(bareDomain(), unwatched)).toBeUndefined();
    for (const bootloader of ['', 'pygrub', '/usr/bin/pygrub'])
      expect(await find()(pvDomain({ bootloader, installRepository: server.address }), unwatched)).toBeUndefined();
    expect(server.asked).toEqual([]);
  });

  it('cannot have a boot loader that nobody knows', async () => {
    const spec = pvDomain({ bootloader: '/bin/sh' });
    expect(await failure(find()(spec, unwatched))).toEqual(['UNKNOWN_BOOTLOADER', spec.uuid, '/bin/sh']);
    expect(await find()(spec)).toBeUndefined();
  });
});

describe('a VM that names its kernel', () => {
  it('boots what administrators put there for guests', async () => {
    await mkdir(join(directory, 'guest'));
    const [one, other] = [join(directory, 'guest/vmlinuz'), join(directory, 'guest/initrd')];
    await Promise.all([writeFile(one, kernel), writeFile(other, ramdisk)]);
    const spec = pvDomain({ bootloader: '', kernel: one, ramdisk: other, args: 'root=/dev/xvda1 console=hvc0' });
    const args = 'root=/dev/xvda1 console=ttyS0 console=tty0';
    // Nothing has to be fetched for that: its description has it even before the first start.
    for (const watch of [undefined, unwatched]) expect(await find()(spec, watch)).toEqual({ kernel: one, ramdisk: other, args });
  });

  it('gets no other file of the host, by any path', async () => {
    await mkdir(join(directory, 'guest'));
    await writeFile(join(directory, 'secret'), 'secret');
    await symlink(join(directory, 'secret'), join(directory, 'guest/link'));
    const guest = join(directory, 'guest');
    for (const path of [
      join(directory, 'secret'),
      `${guest}/../secret`,
      `${guest}/link`,
      `${guest}/missing`,
      guest,
      '/etc/shadow',
    ]) {
      const spec = pvDomain({ bootloader: '', kernel: path });
      expect(await failure(find()(spec, unwatched))).toEqual(['BOOTLOADER_FAILED', spec.uuid, expect.stringContaining(path)]);
      expect(await find()(spec)).toBeUndefined();
    }
  });
});

describe('an installer from a web server', () => {
  const release = { 'install-distro': 'debianlike', 'install-arch': 'amd64', 'debian-release': 'bookworm' };
  const netboot = 'dists/bookworm/main/installer-amd64/current';

  it.each([
    ['images/pxeboot/vmlinuz', 'images/pxeboot/initrd.img', { 'install-distro': 'rhlike' }],
    ['isolinux/vmlinuz', 'isolinux/initrd.img', { 'install-distro': 'rhlike' }],
    ['images/pxeboot/vmlinuz', 'images/pxeboot/initrd.img', {}],
    ['boot/x86_64/loader/linux', 'boot/x86_64/loader/initrd', { 'install-distro': 'sleslike', 'install-arch': 'x86_64' }],
    ['boot/i386/loader/linux', 'boot/i386/loader/initrd', { 'install-distro': 'sleslike', 'install-arch': 'i386' }],
    [
      `${netboot}/images/netboot/debian-installer/amd64/linux`,
      `${netboot}/images/netboot/debian-installer/amd64/initrd.gz`,
      release,
    ],
    [
      `${netboot}/legacy-images/netboot/ubuntu-installer/amd64/linux`,
      `${netboot}/legacy-images/netboot/ubuntu-installer/amd64/initrd.gz`,
      { ...release, 'install-arch': 'x86_64' },
    ],
    ['my/linux', 'my disk', { 'install-distro': 'pygrub', 'install-kernel': '/my/linux', 'install-ramdisk': 'my disk' }],
  ])('is found at %s', async (kernelPath, ramdiskPath, installation) => {
    files.set(`os/${kernelPath}`, kernel).set(`os/${ramdiskPath}`, ramdisk);
    const found = await find()(pvDomain({ installRepository: `${server.address}os` }, installation), unwatched);
    expect(await readFile(found?.kernel ?? '')).toEqual(kernel);
    expect(await readFile(found?.ramdisk ?? '')).toEqual(ramdisk);
    expect(dirname(found?.kernel ?? '')).toBe(join(directory, 'files'));
  });

  it('is told where its packages are, as its family wants it', async () => {
    files.set('images/pxeboot/vmlinuz', kernel).set('images/pxeboot/initrd.img', ramdisk);
    files.set('boot/x86_64/loader/linux', kernel).set('boot/x86_64/loader/initrd', ramdisk);
    const installRepository = server.address.slice(0, -1);
    const args = 'ks=http://x/ks.cfg console=hvc0';
    const of = async (distro: string) =>
      (await find()(pvDomain({ installRepository, args }, { 'install-distro': distro }), unwatched))?.args;
    const mapped = 'ks=http://x/ks.cfg console=ttyS0 console=tty0';
    expect(await of('rhlike')).toBe(`${mapped} method=${server.address} inst.repo=${server.address}`);
    expect(await of('sleslike')).toBe(`${mapped} install=${server.address}`);
  });

  it('is not fetched for a description alone', async () => {
    files.set('images/pxeboot/vmlinuz', kernel).set('images/pxeboot/initrd.img', ramdisk);
    expect(await find()(pvDomain({ installRepository: server.address }))).toBeUndefined();
    expect(server.asked).toEqual([]);
  });

  it('is fetched once for VMs that start together, and again when it has changed', async () => {
    files.set('isolinux/vmlinuz', kernel).set('isolinux/initrd.img', ramdisk);
    const fetch = find();
    const spec = pvDomain({ installRepository: server.address }, { 'install-distro': 'rhlike' });
    const [one, other] = [
      await fetch(spec, unwatched),
      await fetch(pvDomain(spec.boot.kind === 'pv' ? spec.boot : {}), unwatched),
    ];
    expect(other).toEqual(one);
    expect(await kept()).toHaveLength(2);
    const newer = randomBytes(5000);
    files.set('isolinux/initrd.img', newer);
    const renewed = await fetch(spec, unwatched);
    expect(renewed?.kernel).toBe(one?.kernel);
    expect(await readFile(renewed?.ramdisk ?? '')).toEqual(newer);
  });

  it('is found through redirections', async () => {
    files.set('os/isolinux/vmlinuz', (_, response) => response.writeHead(302, { location: '/mirror/k?x=1' }).end());
    files.set('mirror/k?x=1', kernel);
    files.set('os/isolinux/initrd.img', ramdisk);
    const found = await find()(pvDomain({ installRepository: `${server.address}os` }), unwatched);
    expect(await readFile(found?.kernel ?? '')).toEqual(kernel);
  });

  const redirect = (location: string): Served => {
    return (_, response) => void response.writeHead(302, { location }).end();
  };
  const truncated: Served = (_, response) => {
    response.writeHead(200, { 'content-length': 9999 });
    response.write(kernel, () => response.destroy());
  };
  const huge: Served = (_, response) => void response.writeHead(200, { 'content-length': 2 ** 32 }).write('x');
  const vmlinuz = 'images/pxeboot/vmlinuz';

  it.each<[string, Record<string, Served>, RegExp]>([
    ['has no kernel', {}, /none of the kernels that are looked for: images\/pxeboot\/vmlinuz, isolinux\/vmlinuz$/],
    ['has no ramdisk', { [vmlinuz]: kernel }, /the repository has no images\/pxeboot\/initrd\.img/],
    ['has something else in its place', { [vmlinuz]: Buffer.from('<html>') }, /vmlinuz of the repository is no Linux kernel/],
    ['redirects for ever', { [vmlinuz]: redirect(`/${vmlinuz}`) }, /without an end/],
    ['redirects to a file', { [vmlinuz]: redirect('file:///etc/shadow') }, /not followed/],
    ['redirects to the services of a cloud', { [vmlinuz]: redirect('http://169.254.169.254/') }, /of the link itself/],
    ['hangs up in the middle', { [vmlinuz]: truncated }, /could not be kept|incomplete/],
    ['has more than fits', { [vmlinuz]: huge }, /larger than 64 MiB/],
    ['is broken', { [vmlinuz]: (_, response) => void response.writeHead(500).end() }, /answers 500/],
  ])('is refused from a repository that %s', async (_what, served, text) => {
    for (const [path, one] of Object.entries(served)) files.set(path, one);
    const spec = pvDomain({ installRepository: server.address }, { 'install-distro': 'rhlike' });
    const [code, vm, reason] = await failure(find()(spec, unwatched));
    expect([code, vm]).toEqual(['BOOTLOADER_FAILED', spec.uuid]);
    expect(reason).toMatch(text);
    // Only what came whole is left.
    for (const name of await kept()) expect(await readFile(join(directory, 'files', name))).toEqual(kernel);
  });

  it.each([
    ['', /does not say where/],
    ['ftp://mirror.example/os', /FTP is not spoken/],
    ['file:///etc', /no http, https or nfs/],
    ['http://[fe80::1]/os', /of the link itself/],
    ['http://127.0.0.1:1/os', /127\.0\.0\.1:1.*REFUSED/],
  ])('is refused from "%s"', async (installRepository, text) => {
    const [code, , reason] = await failure(find()(pvDomain({ installRepository }), unwatched));
    expect(code).toBe('BOOTLOADER_FAILED');
    expect(reason).toMatch(text);
  });

  it('is given up when the start is cancelled, and leaves nothing', async () => {
    const cancel = new AbortController();
    files.set('isolinux/vmlinuz', (_, response) => {
      response.writeHead(200, { 'content-length': 10_000 });
      response.write(kernel, () => setTimeout(() => cancel.abort(), 20));
    });
    const started = find()(pvDomain({ installRepository: server.address }), { ...unwatched, signal: cancel.signal });
    expect(await failure(started)).toEqual(['TASK_CANCELLED', '']);
    expect(await kept()).toEqual([]);
  });

  it('counts for the progress of the start', async () => {
    files.set('isolinux/vmlinuz', kernel).set('isolinux/initrd.img', ramdisk);
    const shares: number[] = [];
    const watch = { ...unwatched, progress: (share: number) => void shares.push(share) };
    await find()(pvDomain({ installRepository: server.address }), watch);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBeCloseTo(0.9);
  });
});

describe('an installer from an NFS server', () => {
  /** Stands in for a kernel with NFS: the server's files are there once it is mounted. */
  class Mounts implements Commands {
    readonly ran: (readonly string[])[] = [];
    async run(program: string, args: readonly string[]): Promise<string> {
      this.ran.push([program, ...args]);
      const [point = ''] = args.slice(-1);
      if (program === 'umount') await rm(join(point, 'isolinux'), { recursive: true, force: true });
      if (program !== 'mount') return '';
      if (args.includes('gone:/os')) throw new CommandError('mount', 'mount.nfs: Connection refused');
      await mkdir(join(point, 'isolinux'));
      await writeFile(join(point, 'isolinux/vmlinuz'), kernel);
      await writeFile(join(point, 'isolinux/initrd.img'), ramdisk);
      return '';
    }
    follow(): never {
      throw new Error('nothing is followed');
    }
  }

  it.each(['nfs:nas.example:/os', 'nfs://nas.example/os'])(
    'is read from %s, which is unmounted again',
    async (installRepository) => {
      const commands = new Mounts();
      const found = await bootFiles({ storage, directory, commands })(
        pvDomain({ installRepository }, { 'install-distro': 'rhlike' }),
        unwatched,
      );
      expect(await readFile(found?.ramdisk ?? '')).toEqual(ramdisk);
      expect(found?.args).toBe('method=nfs:nas.example:/os inst.repo=nfs:nas.example:/os');
      const [mount = [], unmount = []] = commands.ran;
      const point = mount.at(-1) ?? '';
      expect(mount.slice(0, 4)).toEqual(['mount', '-t', 'nfs', '-o']);
      expect(mount.slice(-3)).toEqual(['--', 'nas.example:/os', point]);
      expect(mount[4]?.split(',')).toEqual(expect.arrayContaining(['ro', 'nosuid', 'nodev', 'noexec', 'soft']));
      expect(unmount).toEqual(['umount', '--', point]);
      expect(await readdir(directory)).toEqual(['files']);
    },
  );

  it('is looked for where nothing of an earlier process is mounted any more', async () => {
    await mkdir(join(directory, 'nfs-left'));
    const commands = new Mounts();
    const fetch = bootFiles({ storage, directory, commands });
    for (let i = 0; i < 2; i++) await fetch(pvDomain({ installRepository: 'nfs:nas:/os' }), unwatched);
    expect(commands.ran.map(([program]) => program)).toEqual(['umount', 'mount', 'umount', 'mount', 'umount']);
    expect(commands.ran[0]).toEqual(['umount', '-l', '--', join(directory, 'nfs-left')]);
    expect(await readdir(directory)).toEqual(['files']);
  });

  it('that does not answer is refused with what mount says', async () => {
    const [code, , text] = await failure(
      bootFiles({ storage, directory, commands: new Mounts() })(pvDomain({ installRepository: 'nfs:gone:/os' }), unwatched),
    );
    expect(code).toBe('BOOTLOADER_FAILED');
    expect(text).toBe('nfs:gone:/os cannot be mounted: mount.nfs: Connection refused');
    expect(await readdir(directory)).toEqual(['files']);
  });
});

describe('an installer from the CD drive', () => {
  it('needs a CD in it', async () => {
    const [code, , text] = await failure(find()(pvDomain({ installRepository: 'cdrom' }), unwatched));
    expect(code).toBe('BOOTLOADER_FAILED');
    expect(text).toMatch(/nothing in the CD drive/);
  });

  it('needs an image of a CD', async () => {
    const volume = { sr: 'sr', location: 'x.iso' };
    const drive = { vbd: 'vbd', position: 3, kind: 'CD', writable: false, bootable: true, volume, qos: new Map() } as const;
    const spec = { ...pvDomain({ installRepository: 'cdrom' }), disks: [drive] };
    const read = async () => Readable.from([Buffer.alloc(100_000)]);
    const [code, , text] = await failure(bootFiles({ storage: { ...storage, read }, directory })(spec, unwatched));
    expect(code).toBe('BOOTLOADER_FAILED');
    expect(text).toMatch(/no image of a CD/);
  });
});
