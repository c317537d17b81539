import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execute } from '../test-support/libvirt/execute.js';
import { type Guest, prepareGuest } from '../test-support/libvirt/guest/guest.js';
import { askAgent, guestAddresses, guestDomainXml, untilAgentAnswers } from '../test-support/libvirt/guest-domain.js';
import { type LabHost, startHost } from '../test-support/libvirt/host/host.js';
import { SCRIPTS } from '../test-support/libvirt/host/lab.js';
import { startOpenVswitch } from '../test-support/libvirt/host/open-vswitch.js';
import { startSsh } from '../test-support/libvirt/host/sshd.js';
import { until } from '../test-support/libvirt/until.js';

/** Lets Node run TypeScript. */
const REGISTER = new URL('../test-support/typescript-register.mjs', import.meta.url).href;

let guest: Guest;
let host: LabHost;

beforeAll(async () => {
  guest = await prepareGuest();
  host = await startHost();
});

afterAll(async () => {
  await host.close();
});

/** Defines and starts a domain of the guest. */
async function start(on: LabHost, name: string, rest: { disk?: string; devices?: string } = {}): Promise<void> {
  await on.create(guestDomainXml(guest, { name, ...rest }));
}

/** Number of colours on the screen of a domain: more than one when something is to be seen. */
async function pixelValues(on: LabHost, name: string): Promise<number> {
  const file = join(on.directory, `${name}.ppm`);
  await on.virsh('screenshot', name, '--file', file);
  const image = await readFile(file);
  return new Set(image.subarray(image.length - 100_000)).size;
}

/** Command line of a process. Of one that has ended there may still be an entry, without a command. */
async function commandOf(pid: number | undefined): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
}

describe('a host', () => {
  it('has a bridge, cards and a name of its own', async () => {
    expect((await host.run('hostname')).trim()).toBe(host.hostname);
    const addresses = await host.run('ip', ['-brief', 'address', 'show', 'xenbr0']);
    expect(addresses).toContain(`${host.address}/24`);
    expect((await host.run('ls', ['/sys/class/net'])).trim().split('\n')).toEqual(['eth0', 'eth1', 'eth2', 'lo', 'xenbr0']);
  });

  it('knows no domains of this machine', async () => {
    expect(await host.virsh('list', '--all', '--name')).toBe('');
  });

  it('keeps its domains when libvirtd is killed', async () => {
    await start(host, 'kept');
    await host.killLibvirtd();
    await host.libvirtd.start();
    expect(await host.virsh('domstate', 'kept')).toBe('running');
    expect([...(await host.qemuPids()).keys()]).toEqual(['kept']);
    // A libvirtd that has just started may hear of the end before it has answered, and say that there is no such domain.
    await host.virsh('destroy', 'kept').catch(() => undefined);
    await until('the end of the domain', async () => ((await host.virsh('list', '--all', '--name')) === '' ? true : undefined));
  });

  it('does not answer while it is held', async () => {
    host.hang();
    await expect(execute('virsh', ['-c', host.uri, 'list'], { timeout: 1_000 })).rejects.toThrow('SIGKILL');
    host.unhang();
    expect(await host.virsh('list', '--name')).toBe('');
  });

  it('sets limits of processor time through control groups of its own', async () => {
    await start(host, 'limited');
    await host.virsh('schedinfo', 'limited', '--live', 'cpu_shares=512');
    const shares = await host.run('sh', ['-c', 'cat /sys/fs/cgroup/cpu/machine/*limited*/cpu.shares']);
    expect(shares.trim()).toBe('512');
    await host.virsh('destroy', 'limited');
  });
});

describe('the guest', () => {
  it('boots from its kernel, gets an address, sees what is plugged in and shuts down', async () => {
    await start(host, 'guest');
    await untilAgentAnswers(host, 'guest');
    const [address] = await until('an address', async () => {
      const found = await guestAddresses(host, 'guest');
      return found.length > 0 ? found : undefined;
    });
    // From this machine there is a way to the guest, and nobody listens there.
    await expect(once(createConnection(9, address), 'connect')).rejects.toThrow('ECONNREFUSED');
    expect(await pixelValues(host, 'guest')).toBeGreaterThan(1);

    await host.virsh('attach-interface', 'guest', 'bridge', 'xenbr0', '--model', 'virtio', '--live');
    await until('an address of the second card', async () =>
      (await guestAddresses(host, 'guest')).length === 2 ? true : undefined,
    );
    const disk = join(host.directory, 'second.qcow2');
    await execute('qemu-img', ['create', '-q', '-f', 'qcow2', disk, '16M']);
    await host.virsh('attach-disk', 'guest', disk, 'vdb', '--subdriver', 'qcow2', '--live');
    await until('the second disk', async () =>
      JSON.stringify(await askAgent(host, 'guest', 'guest-get-disks')).includes('/dev/vd') ? true : undefined,
    );

    await host.virsh('shutdown', 'guest', '--mode', 'agent');
    await until('the end of the guest', async () => ((await host.qemuPids()).has('guest') ? undefined : true));
  });

  it('boots from its disk and obeys the power button', async () => {
    const disk = join(host.shared, 'boot.qcow2');
    await execute('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', guest.disk, disk]);
    await start(host, 'from-disk', { disk });
    await untilAgentAnswers(host, 'from-disk');
    expect(JSON.stringify(await askAgent(host, 'from-disk', 'guest-get-fsinfo'))).toContain('/mnt');
    await host.virsh('shutdown', 'from-disk', '--mode', 'acpi');
    await until('the end of the guest', async () => ((await host.qemuPids()).has('from-disk') ? undefined : true));
  });
});

describe('a host on request', () => {
  it('serves ssh', async () => {
    const { address, port, key, knownHosts } = await startSsh(host);
    const identity = ['-p', `${port}`, '-i', key, '-o', `UserKnownHostsFile=${knownHosts}`, '-o', 'BatchMode=yes'];
    expect(await execute('ssh', [...identity, `root@${address}`, 'hostname'])).toContain(host.hostname);
  });

  it('has an Open vSwitch', async () => {
    await startOpenVswitch(host);
    await host.run('ovs-vsctl', ['add-br', 'ovs0', '--', 'set', 'bridge', 'ovs0', 'datapath_type=netdev']);
    expect(await host.run('ls', ['/sys/class/net'])).toContain('ovs0');
  });
});

describe('two hosts', () => {
  it('move a running guest, and leave nothing when they are closed', async () => {
    const [a, b] = await Promise.all([startHost({ listen: { tcp: true } }), startHost({ listen: { tcp: true, tls: true } })]);
    let pid: number | undefined;
    try {
      await start(a, 'moving');
      expect(await a.run('virsh', ['-c', b.tlsUri, 'hostname'])).toContain(b.hostname);
      await a.virsh('migrate', 'moving', b.tcpUri, '--p2p', '--live', '--unsafe');
      expect(await a.virsh('list', '--name')).toBe('');
      expect(await b.virsh('list', '--name')).toBe('moving');
      pid = (await b.qemuPids()).get('moving');
      expect(await commandOf(pid)).toContain('moving');
    } finally {
      await Promise.all([a.close(), b.close()]);
    }
    expect(await commandOf(pid)).toBe('');
    for (const { name, directory } of [a, b]) {
      expect(await execute('ip', ['netns', 'list'])).not.toContain(name);
      expect(existsSync(directory)).toBe(false);
      expect(await execute('find', ['/sys/fs/cgroup', '-name', name])).toBe('');
    }
  });
});

describe('a lab', () => {
  it('goes away with a process that is killed', async () => {
    const program = new URL('./support/abandon-host.ts', import.meta.url).pathname;
    const printed = await execute(process.execPath, ['--import', REGISTER, program]).catch((thrown: unknown) => String(thrown));
    const [, name] = /(xgl\d+-h1)/.exec(printed) ?? [];
    if (name === undefined) throw new Error(`no host: ${printed}`);
    await until('the end of the lab', async () => {
      const [namespaces, links] = [await execute('ip', ['netns', 'list']), await execute('ip', ['link'])];
      return namespaces.includes(name) || links.includes(`${name.split('-')[0]}:`) ? undefined : true;
    });
  });

  it('stays when the end of one that had its name before comes to be known', async () => {
    const [name = ''] = host.name.split('-');
    await execute('sh', [join(SCRIPTS, 'remove.sh'), 'dead', name, dirname(host.directory), '1 the first process']);
    expect(await execute('ip', ['netns', 'list'])).toContain(host.name);
    expect(await host.virsh('list', '--name')).toBe('');
  });
});
