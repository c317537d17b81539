import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execute } from '../../../../test-support/libvirt/execute.js';
import { prepareGuest } from '../../../../test-support/libvirt/guest/guest.js';
import { askAgent, untilAgentAnswers } from '../../../../test-support/libvirt/guest-domain.js';
import { type LabHost, startHost } from '../../../../test-support/libvirt/host/host.js';
import { until } from '../../../../test-support/libvirt/until.js';
import type { DomainSpec, DomainState } from '../../compute.js';
import { recordedWatch } from '../../contract/watch.js';
import type { VolumeAddress } from '../../storage.js';
import { bareDisk } from '../compute/testing/bare-domain.js';
import { type OpenedCompute, openCompute, removeDomains } from '../compute/testing/open-compute.js';
import { RawVolumes } from '../compute/testing/raw-volumes.js';
import type { VolumeSource } from '../volume-source.js';
import { bootFiles } from './boot-files.js';
import { bufferContent, loaderDisk } from './testing/buffer-content.js';
import { pvDomain } from './testing/pv-domain.js';
import { startWebServer, type WebServer } from './testing/web-server.js';

const MIB = 2 ** 20;
const memory = { staticMax: 160 * MIB, dynamicMax: 160 * MIB, dynamicMin: 160 * MIB, target: 160 * MIB };
/** The disk that the installer is said to have installed. */
const installed: VolumeAddress = { sr: 'sr', location: 'installed' };

/** Volumes, one of which is a disk that boots by itself. */
class Volumes extends RawVolumes {
  readonly disk: string;

  constructor(directory: string) {
    super(directory);
    this.disk = join(directory, 'installed.qcow2');
  }

  override async source(volume: VolumeAddress): Promise<VolumeSource> {
    if (volume.location !== installed.location) return super.source(volume);
    return { path: this.disk, kind: 'file', format: 'qcow2', readOnly: false };
  }
}

let host: LabHost;
let server: WebServer;
let volumes: Volumes;
let opened: OpenedCompute;
let boot: string;

beforeAll(async () => {
  host = await startHost();
  const guest = await prepareGuest();
  const [kernel, ramdisk] = await Promise.all([readFile(guest.kernel), readFile(guest.initrd)]);
  const files = new Map([
    ['centos/os/images/pxeboot/vmlinuz', kernel],
    ['centos/os/images/pxeboot/initrd.img', ramdisk],
  ]);
  server = await startWebServer(files);
  volumes = new Volumes(host.shared);
  await execute('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', guest.disk, volumes.disk]);
  boot = join(host.shared, 'boot');
  const storage = {
    read: async (): Promise<never> => {
      throw new Error('nothing is read from volumes');
    },
    // What was installed has a boot loader of its own.
    open: async () => bufferContent(loaderDisk()),
  };
  opened = await openCompute(host, volumes, { bootFiles: bootFiles({ storage, directory: boot }) });
});
afterAll(async () => {
  await opened.close();
  await removeDomains(host);
  await server.close();
  await host.close();
});

/** What the kernel of the guest was started with. */
async function commandLine(domain: string): Promise<string> {
  const handle = await askAgent(host, domain, 'guest-file-open', { path: '/proc/cmdline' });
  const answer = await askAgent(host, domain, 'guest-file-read', { handle });
  if (typeof answer !== 'object' || answer === null || !('buf-b64' in answer)) throw new Error('nothing could be read');
  return Buffer.from(String(answer['buf-b64']), 'base64').toString('utf8').trim();
}

describe('an installation from a web server', () => {
  it('boots the installer, survives a suspend, and boots what was installed after the reboot', async () => {
    const { compute } = opened;
    const told: DomainState[] = [];
    compute.onState((state) => told.push(state));
    const spec: DomainSpec = {
      ...pvDomain(
        { installRepository: `${server.address}centos/os`, args: 'ks=http://mirror.example/web.cfg console=hvc0 quiet' },
        { 'install-distro': 'rhlike' },
      ),
      memory,
      disks: [bareDisk(installed)],
    };
    const { uuid } = spec;
    await compute.define(spec);
    expect(server.asked).toEqual([]);
    const watch = recordedWatch();
    await compute.start(spec, false, watch);
    expect(watch.shares.at(-1)).toBe(1);
    await untilAgentAnswers(host, uuid);
    const repository = `${server.address}centos/os/`;
    expect(await commandLine(uuid)).toBe(
      `ks=http://mirror.example/web.cfg console=ttyS0 console=tty0 quiet method=${repository} inst.repo=${repository}`,
    );
    // What a running installer is made of is not what it boots next.
    const next = pvDomain({ ...(spec.boot.kind === 'pv' && spec.boot), bootloader: 'pygrub' });
    const after: DomainSpec = { ...spec, boot: next.boot };
    await compute.define(after);
    expect(await host.virsh('dumpxml', '--inactive', uuid)).not.toMatch(/<(?:kernel|initrd|cmdline)>/);

    const image = await volumes.make(compute.memoryImageSize(after));
    await compute.suspend(uuid, image, recordedWatch());
    await rm(join(boot, 'files'), { recursive: true });
    await compute.resume(after, image, false, recordedWatch());
    await untilAgentAnswers(host, uuid);
    expect(await commandLine(uuid)).toContain('ks=');

    // Nobody answers when the guest goes down at once.
    await askAgent(host, uuid, 'guest-shutdown', { mode: 'reboot' }).catch(() => undefined);
    const ended = await until('the end of the installer', async () =>
      told.find((state) => state.uuid === uuid && state.power === 'Halted'),
    );
    expect(ended.ended).toBe('reboot');
    await compute.start(after, false, recordedWatch());
    await untilAgentAnswers(host, uuid);
    expect(await commandLine(uuid)).toContain('BOOT_IMAGE=');
    expect(opened.warnings).toEqual([]);
  });

  it('is refused where there is no installer, and leaves no domain', async () => {
    const spec = { ...pvDomain({ installRepository: `${server.address}nothing` }), memory };
    await expect(opened.compute.start(spec, false, recordedWatch())).rejects.toMatchObject({
      code: 'BOOTLOADER_FAILED',
      params: [spec.uuid, expect.stringContaining('none of the kernels')],
    });
    expect(await host.virsh('list', '--all', '--uuid')).not.toContain(spec.uuid);
  });
});
