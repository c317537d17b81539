import type { DiskSpec, DomainSpec, NicSpec } from '../../../compute.js';
import type { VolumeAddress } from '../../../storage.js';
import type { VolumeSource } from '../../volume-source.js';
import type { Surroundings } from '../surroundings.js';

const MIB = 2 ** 20;

/** A VM as a client makes it from a template. */
export function sampleSpec(changes: Partial<DomainSpec> = {}): DomainSpec {
  return {
    uuid: '5d8cb4ae-6e0b-4a5c-9f2a-3b8f0f7a1c11',
    name: 'Web server',
    description: 'Serves pages',
    vcpus: { max: 4, online: 2, params: new Map([['weight', '512']]) },
    memory: { staticMax: 256 * MIB, dynamicMax: 192 * MIB, dynamicMin: 128 * MIB, target: 192 * MIB },
    boot: {
      kind: 'hvm',
      params: new Map([
        ['order', 'cdn'],
        ['firmware', 'bios'],
      ]),
    },
    platform: new Map([
      ['acpi', '1'],
      ['apic', 'true'],
      ['cores-per-socket', '2'],
      ['device-model', 'qemu-upstream-compat'],
      ['pae', 'true'],
      ['secureboot', 'false'],
      ['timeoffset', '0'],
      ['vga', 'std'],
      ['videoram', '8'],
      ['viridian', 'false'],
    ]),
    guestData: new Map([['vm-data/role', 'web']]),
    disks: [sampleDisk(0), sampleDisk(1, { bootable: false }), sampleDrive(3)],
    nics: [sampleNic(0), sampleNic(1)],
    after: { shutdown: 'destroy', reboot: 'restart', crash: 'restart' },
    ...changes,
  };
}

/** A disk at a position; its uuid follows from that. */
export function sampleDisk(position: number, changes: Partial<DiskSpec> = {}): DiskSpec {
  return {
    vbd: `00000000-0000-4000-8000-0000000000d${position.toString(16)}`,
    position,
    kind: 'Disk',
    writable: true,
    bootable: true,
    volume: sampleVolume(`disk-${position}`),
    qos: new Map(),
    ...changes,
  };
}

/** A CD drive without a medium. */
export function sampleDrive(position: number, changes: Partial<DiskSpec> = {}): DiskSpec {
  return sampleDisk(position, { kind: 'CD', writable: false, volume: undefined, ...changes });
}

/** A card at a position; its uuid and MAC follow from that. */
export function sampleNic(position: number, changes: Partial<NicSpec> = {}): NicSpec {
  return {
    vif: `00000000-0000-4000-8000-0000000000e${position.toString(16)}`,
    position,
    mac: `02:00:00:00:00:0${position.toString(16)}`,
    mtu: 1500,
    bridge: 'xenbr0',
    locking: { mode: 'unlocked', ipv4: [], ipv6: [] },
    qos: new Map(),
    ...changes,
  };
}

/** Where all volumes of samples are. */
export const SAMPLE_SR = '00000000-0000-4000-8000-00000000005a';

/** A volume of the SR of all samples. */
export function sampleVolume(location: string): VolumeAddress {
  return { sr: SAMPLE_SR, location };
}

/** Directory of the volumes of samples. */
export const SAMPLE_DIRECTORY = '/srv/sample';

/** Where the data of a volume is. */
export function sampleSource({ location }: VolumeAddress, directory = SAMPLE_DIRECTORY): VolumeSource {
  return { path: `${directory}/${location}.qcow2`, kind: 'file', format: 'qcow2', readOnly: false };
}

/** What a host without KVM adds, which has the data of all volumes. */
export function sampleSurroundings(
  spec: DomainSpec,
  changes: Partial<Surroundings> & { readonly directory?: string } = {},
): Surroundings {
  const { directory, ...rest } = changes;
  const sources = spec.disks.flatMap(({ vbd, volume }) => (volume ? [[vbd, sampleSource(volume, directory)] as const] : []));
  return {
    type: 'qemu',
    sources: new Map(sources),
    vncSocket: '/run/sample/vnc.sock',
    secureBoot: true,
    controlGroups: 2,
    locate: (path) => sampleVolumes(directory).locate(path),
    ...rest,
  };
}

/** Storage that has a volume for every file in the directory of samples, and covers one beside it. */
export function sampleVolumes(directory = SAMPLE_DIRECTORY) {
  return {
    locate: (path: string): VolumeAddress | undefined => {
      const [, location] = new RegExp(`^${directory}/([^/]+)\\.qcow2$`).exec(path) ?? [];
      return location === undefined ? undefined : sampleVolume(location);
    },
    cover: (path: string) => {
      const [, location] = /^\/srv\/other\/([^/]+)$/.exec(path) ?? [];
      return location === undefined ? undefined : { type: 'file', deviceConfig: new Map([['location', '/srv/other']]), location };
    },
  };
}
