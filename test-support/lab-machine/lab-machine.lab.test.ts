import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from './inside/evaluate.js';
import { bringNode, NODE } from './inside/node.js';
import { type LabMachine, startLabMachine } from './lab-machine.js';
import { StorageServer } from './storage-server.js';

let machine: LabMachine;
let storage: StorageServer;

beforeAll(async () => {
  machine = await startLabMachine();
  storage = new StorageServer(machine);
});

afterAll(async () => {
  await machine?.close();
});

/** Resolves when multipath tells of so many paths in a state. */
async function untilPaths(count: number, state: string): Promise<void> {
  await machine.until('sh', ['-c', '[ "$(multipath -ll | grep -c "$2")" = "$1" ]', '-', `${count}`, state]);
}

describe('programs in the lab machine', () => {
  it('get their arguments and input as they are, and say how they ended', async () => {
    expect(await machine.run('printf', ['%s|', "it's", '', '$HOME', 'a b'])).toBe("it's||$HOME|a b|");
    expect(await machine.run('cat', [], { input: 'read\n' })).toBe('read\n');
    await expect(machine.run('sh', ['-c', 'echo why >&2; exit 3'])).rejects.toThrow(/ended with 3:\nwhy/);
    const program = await machine.spawn('sleep', ['100']);
    await program.signal('TERM');
    expect(await program.ended).toBe('SIGTERM');
  });

  it('have the time of this machine', async () => {
    const seconds = Number(await machine.run('date', ['+%s']));
    expect(Math.abs(seconds - Date.now() / 1000)).toBeLessThan(30);
  });

  it('may be our own', async () => {
    const facts = await evaluate(machine, new URL('./inside/facts.ts', import.meta.url), { program: 'lvm' });
    expect(facts).toEqual({
      node: process.version,
      kernel: expect.stringMatching(/^6\.1\.0-\d+-amd64$/),
      lvm: expect.stringMatching(/^2\./),
    });
  });
});

describe('ports of the lab machine', () => {
  it('answer whoever comes, also many at the same moment', async () => {
    await bringNode(machine);
    const listen = "require('node:net').createServer((socket) => socket.end('here')).listen(7000, () => console.log('there'))";
    const server = await machine.spawn(NODE, ['-e', listen]);
    await once(server.stdout, 'data');
    const port = await machine.forward(7000);
    const began = performance.now();
    const answers = Array.from({ length: 40 }, () => text(connect({ port, host: '127.0.0.1' })));
    expect(await Promise.all(answers)).toEqual(answers.map(() => 'here'));
    // What QEMU loses is tried again after a second, two, four and so on.
    expect(performance.now() - began).toBeLessThan(7000);
    await server.signal('TERM');
  });
});

describe('disks of the lab machine', () => {
  it('hold volume groups with thin volumes and snapshots', async () => {
    const { device } = await machine.addDisk({ size: 256 });
    await machine.run('vgcreate', ['local', device]);
    await machine.run('lvcreate', ['--type', 'thin-pool', '--size', '64m', '--name', 'pool', 'local']);
    await machine.run('lvcreate', ['--virtualsize', '1g', '--thinpool', 'pool', '--name', 'base', 'local']);
    await machine.run('mkfs.ext4', ['-q', '-E', 'nodiscard', '/dev/local/base']);
    await machine.run('lvcreate', ['--snapshot', '--name', 'later', '--setactivationskip', 'n', 'local/base']);
    const label = ['-s', 'TYPE', '-o', 'value', '/dev/local/later'];
    expect(await machine.run('blkid', label)).toBe('ext4\n');
    await machine.run('vgremove', ['--yes', 'local']);
    expect(await machine.run('dmsetup', ['ls'])).toMatch(/No devices found/);
  });

  it('may be reached over two paths, of which one may go', async () => {
    const disk = await machine.addDisk({ size: 64, paths: 2 });
    expect(disk.devices).toHaveLength(2);
    await machine.run('pvcreate', [disk.device]);
    await disk.pull(0);
    await untilPaths(1, ' sd');
    expect(await machine.run('pvs', ['--noheadings', '-o', 'name', disk.device])).toContain(disk.device);
    await machine.run('pvremove', [disk.device]);
    await machine.run('multipath', ['-f', disk.device]);
  });
});

describe('the storage server', () => {
  it('serves disks over two networks, and one is enough', async () => {
    const disk = await storage.serveDisk('one', 128);
    const device = `/dev/mapper/${disk.scsiId}`;
    const found = await machine.run('iscsiadm', ['-m', 'discovery', '-t', 'sendtargets', '-p', disk.portals[0]]);
    expect(found.trim().split('\n')).toEqual(disk.portals.map((portal) => `${portal},1 ${disk.target}`));
    await machine.run('iscsiadm', ['-m', 'node', '-T', disk.target, '--login']);
    await untilPaths(2, 'active ready');
    await machine.run('udevadm', ['wait', '--timeout=60', device]);
    await machine.run('vgcreate', ['shared', device]);

    await storage.cut(1);
    await untilPaths(1, 'failed faulty');
    await machine.run('lvcreate', ['--size', '32m', '--name', 'written', 'shared']);
    await storage.mend(1);
    await untilPaths(2, 'active ready');

    await machine.run('vgremove', ['--yes', 'shared']);
    await machine.run('multipath', ['-f', disk.scsiId]);
    await machine.run('iscsiadm', ['-m', 'node', '-T', disk.target, '--logout']);
    await storage.withdrawDisk(disk);
    expect(await machine.run('lsscsi', ['--transport'])).not.toContain(disk.target);
  });

  it.each(['4.2', '3'])('serves directories over NFS %s', async (version) => {
    const directory = await storage.serveDirectory(`v${version}`);
    const source = `${directory.server}:${directory.path}`;
    await machine.run('mount', ['-t', 'nfs', '-o', `vers=${version}`, source, '/mnt']);
    await machine.write('/mnt/written', 'over the network');
    expect(await machine.runAtStorage('cat', [`${directory.path}/written`])).toBe('over the network');
    await machine.run('umount', ['/mnt']);
    await storage.withdrawDirectory(directory);
    await expect(machine.run('mount', ['-t', 'nfs', '-o', `vers=${version},retry=0`, source, '/mnt'])).rejects.toThrow(/mount/);
  });

  it('serves directories over SMB, to whoever has the password', async () => {
    const share = await storage.serveShare('share', 'a, b=c "d" ä');
    const source = `//${share.server}/${share.name}`;
    await machine.write('/run/smb', `username=${share.username}\npassword=${share.password}\n`);
    await machine.write('/run/stranger', `username=${share.username}\npassword=another\n`);
    const mount = (who: string) => machine.run('mount', ['-t', 'cifs', '-o', `credentials=${who}`, source, '/mnt']);
    await expect(mount('/run/stranger')).rejects.toThrow(/Permission denied/);
    await mount('/run/smb');
    await machine.write('/mnt/written', 'over the network');
    expect(await machine.runAtStorage('cat', [`${share.path}/written`])).toBe('over the network');
    await machine.run('umount', ['/mnt']);
    await storage.withdrawShare(share);
    await expect(mount('/run/smb')).rejects.toThrow(/No such file/);
  });
});
