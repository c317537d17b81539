import { access, chown, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiError } from '../../../model/error.js';
import type { DomainSpec } from '../../compute.js';
import type { Session } from '../connection/session.js';
import type { Surroundings } from '../domain-xml/surroundings.js';
import { attribute, child, children, parseXml } from '../domain-xml/xml.js';
import type { BootFiles } from '../install/boot-files.js';
import { libvirtBridges } from '../network/libvirt-bridges.js';
import type { LibvirtOptions } from '../options.js';
import type { VolumeSource, VolumeSources } from '../volume-source.js';
import { chooseDomainType } from './domain-type.js';

/** Where sockets of screens are, in the run directory. */
const SCREENS = 'vnc';

/** What tells a host's surroundings. */
export interface SurroundingsOptions {
  readonly session: Session;
  readonly sources: VolumeSources;
  readonly options: LibvirtOptions;
  /** Kernel and ramdisk for a VM that boots none of its own. */
  readonly bootFiles: BootFiles | undefined;
  readonly openVswitchBridges: (() => ReadonlySet<string>) | undefined;
  readonly warn: (error: unknown, message: string) => void;
}

/** What does not change while a host runs. */
interface HostTraits {
  readonly type: 'kvm' | 'qemu';
  readonly secureBoot: boolean;
  readonly controlGroups: 1 | 2;
}

/** What a host adds to descriptions: found out once, in the background, and then given with each. */
export class HostSurroundings {
  private readonly given: SurroundingsOptions;
  private found: Promise<HostTraits> | undefined;
  private bridges: ReadonlyMap<string, string> = new Map();

  constructor(given: SurroundingsOptions) {
    this.given = given;
    // Whoever needs it hears of its failure.
    this.traits().catch(() => undefined);
  }

  /** See `ComputeContext.surroundings`. */
  async of(spec: DomainSpec, lenient?: 'lenient'): Promise<Surroundings> {
    const { openVswitchBridges } = this.given;
    const [traits, sources] = await Promise.all([this.traits(), this.sourcesOf(spec, lenient)]);
    return {
      ...traits,
      sources,
      vncSocket: this.screenOf(spec.uuid),
      locate: (path) => this.given.sources.locate(path),
      bridgeOf: (network) => this.bridges.get(network),
      ...(openVswitchBridges && { openVswitchBridges: openVswitchBridges() }),
    };
  }

  /** Removes the socket of the screen of a domain that is gone: QEMU leaves it when it ends. */
  async removeScreen(uuid: string): Promise<void> {
    try {
      await rm(this.screenOf(uuid), { force: true });
    } catch (thrown) {
      this.given.warn(thrown, `the socket of the screen of ${uuid} could not be removed`);
    }
  }

  /** Name of the bridge of a libvirt network, as far as it was found out by the last `findBridges`. */
  bridgeOf(network: string): string | undefined {
    return this.bridges.get(network);
  }

  async controlGroups(): Promise<1 | 2> {
    return (await this.traits()).controlGroups;
  }

  /** Asks libvirt for the bridges of its networks. */
  async findBridges(): Promise<void> {
    const networks = await libvirtBridges(this.given.session);
    this.bridges = new Map([...networks].map(([bridge, network]) => [network, bridge]));
  }

  private screenOf(uuid: string): string {
    return join(this.given.options.runDirectory, SCREENS, `${uuid}.sock`);
  }

  private async sourcesOf(spec: DomainSpec, lenient?: 'lenient'): Promise<ReadonlyMap<string, VolumeSource>> {
    const found = await Promise.all(
      spec.disks.map(async ({ vbd, kind, volume, writable }) => {
        if (volume === undefined) {
          if (kind === 'Disk' && !lenient) throw new ApiError('VBD_IS_EMPTY', vbd);
          return [];
        }
        try {
          const source = await this.given.sources.source(volume);
          if (writable && source.readOnly && !lenient) throw new ApiError('VDI_READONLY', volume.location);
          return [[vbd, source] as const];
        } catch (thrown) {
          if (lenient && thrown instanceof ApiError) return [];
          throw thrown;
        }
      }),
    );
    return new Map(found.flat());
  }

  /** Found out once; after a failure the next who needs it has it tried again. */
  private traits(): Promise<HostTraits> {
    this.found ??= this.findOut().catch((thrown: unknown) => {
      this.found = undefined;
      throw thrown;
    });
    return this.found;
  }

  private async findOut(): Promise<HostTraits> {
    const { session, options, warn } = this.given;
    const [type, secureBoot, controlGroups] = await Promise.all([
      chooseDomainType(session, options.domainType, warn),
      findSecureBoot(session),
      findControlGroups(),
      isLocal(options.uri) ? prepareDirectory(session, options.runDirectory, warn) : undefined,
    ]);
    return { type, secureBoot, controlGroups };
  }
}

/** Whether the host has UEFI that checks signatures. */
async function findSecureBoot(session: Session): Promise<boolean> {
  const args = { emulatorbin: undefined, arch: 'x86_64', machine: 'q35', virttype: undefined, flags: 0 };
  const { capabilities } = await session.call('CONNECT_GET_DOMAIN_CAPABILITIES', args);
  const loader = child(parseXml(capabilities), 'os', 'loader');
  const secure = children(loader, 'enum').find((one) => attribute(one, 'name') === 'secure');
  return children(secure, 'value').some((value) => value.textContent === 'yes');
}

async function findControlGroups(): Promise<1 | 2> {
  try {
    await access('/sys/fs/cgroup/cgroup.controllers');
    return 2;
  } catch {
    return 1;
  }
}

/** Whether an address is that of the libvirt of this machine: it names no other. */
function isLocal(uri: string): boolean {
  return /^[a-z]+(?:\+unix)?:\/\/\//.test(uri);
}

/** QEMU makes the sockets of screens as the user that libvirt runs it as; nobody else shall get at them. */
async function prepareDirectory(session: Session, runDirectory: string, warn: SurroundingsOptions['warn']): Promise<void> {
  const screens = join(runDirectory, SCREENS);
  const { capabilities } = await session.call('CONNECT_GET_CAPABILITIES', {});
  const owner = qemuOwner(capabilities);
  try {
    await mkdir(runDirectory, { recursive: true, mode: 0o711 });
    await mkdir(screens, { recursive: true, mode: 0o700 });
    if (owner) await chown(screens, owner.user, owner.group);
  } catch (thrown) {
    warn(thrown, `QEMU may not be able to serve screens in ${screens}`);
  }
}

/** User and group that QEMU runs as, by a host's capabilities; undefined where libvirt leaves it its own. */
export function qemuOwner(capabilities: string): { readonly user: number; readonly group: number } | undefined {
  for (const model of children(child(parseXml(capabilities), 'host'), 'secmodel')) {
    if (child(model, 'model')?.textContent !== 'dac') continue;
    for (const label of children(model, 'baselabel')) {
      const [, user, group] = /^\+(\d+):\+(\d+)$/.exec(label.textContent ?? '') ?? [];
      if (user !== undefined && group !== undefined) return { user: Number(user), group: Number(group) };
    }
  }
  return undefined;
}
