import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { v4 as newUuid } from 'uuid';
import type { SrSpec, Volume } from '../../../../storage.js';
import { HostCommands } from '../../../network/commands.js';
import { LibvirtStorage } from '../../libvirt-storage.js';
import { THIS_HOST } from '../../lvm/lvm-host.js';
import { FakeLiveDisks } from '../../testing/fake-live-disks.js';

const MIB = 2 ** 20;

/** Milliseconds for a program to end, and for a path to be known to be dead or alive again, on a machine that many share. */
const PATIENCE = 300_000;

/** An SR that is to be made, used and removed. */
export interface SanTrial {
  readonly type: 'lvmoiscsi';
  /** Keys of the configuration in the order in which clients come to know them. */
  readonly steps: readonly Readonly<Record<string, string>>[];
  /** Commands that take one of two ways to the unit away and give it back. */
  readonly cut?: { readonly cut: readonly string[]; readonly mend: readonly string[] };
}

/** What the host has of storage networks. */
interface OnHost {
  readonly sessions: number;
  readonly maps: number;
  readonly volumes: number;
  /** SCSI ids of which multipathd is to make maps. */
  readonly asked: readonly string[];
}

/** What was seen of the SR, for a test to judge. Sizes in MiB. */
export interface Seen {
  /** Codes of what the probes after each step were refused with; empty where they were not. */
  readonly refusals: readonly string[];
  readonly afterCreate: OnHost;
  readonly attached: OnHost & Told;
  /** What was told of paths, each time that it was another. */
  readonly changes: readonly string[];
  readonly contentKept: boolean;
  readonly snapshotKept: boolean;
  readonly grownSize: number;
  readonly foundSr: boolean;
  readonly afterDetach: OnHost;
  readonly foundAgain: readonly number[];
  readonly keptAgain: boolean;
  readonly atEnd: OnHost;
  readonly warnings: readonly string[];
}

interface Told {
  /** `active/total` of the unit. */
  readonly paths: string;
  readonly iscsiSessions: number | null;
}

const commands = new HostCommands([], PATIENCE);

/** The life of an SR on a logical unit of a storage network; runs in the lab machine. */
export default async function onSan({ type, steps, cut }: SanTrial): Promise<Seen> {
  const warnings: string[] = [];
  const live = new FakeLiveDisks();
  const opened = (): LibvirtStorage =>
    new LibvirtStorage({
      live: () => live,
      warn: (error, message) => void warnings.push(`${message}: ${String(error)}`),
      runDirectory: '/run/san-test',
      lvm: { ...THIS_HOST, steps: { step: 8 * MIB, reserve: 4 * MIB } },
    });
  const storage = opened();
  const refusals: string[] = [];
  let deviceConfig = new Map<string, string>();
  for (const step of steps) {
    deviceConfig = new Map([...deviceConfig, ...Object.entries(step)]);
    refusals.push(await storage.probe(type, deviceConfig).then(() => '', codeOf));
  }
  const uuid = newUuid();
  const sr: SrSpec = { uuid, type, deviceConfig, smConfig: new Map(), contentType: 'user', shared: true, multipath: true };
  const at = ({ location }: Volume) => ({ sr: uuid, location });
  const write = async (volume: Volume, bytes: Buffer): Promise<void> => {
    const stream = await storage.write(at(volume));
    stream.end(bytes);
    await finished(stream);
  };
  const starts = async (where: LibvirtStorage, volume: Volume, bytes: Buffer): Promise<boolean> =>
    (await buffer(await where.read(at(volume)))).subarray(0, bytes.length).equals(bytes);
  const told = (): Told => {
    const { units, iscsiSessions } = storage.paths.of(uuid) ?? { units: [], iscsiSessions: undefined };
    return { paths: units.map(({ active, total }) => `${active}/${total}`).join(), iscsiSessions: iscsiSessions ?? null };
  };
  const untilPaths = async (wanted: string): Promise<void> => {
    for (const end = Date.now() + PATIENCE; told().paths !== wanted; await sleep(200)) {
      if (Date.now() > end) throw new Error(`there are ${told().paths} paths and never ${wanted}`);
    }
  };

  await storage.createSr(sr, 0);
  const afterCreate = await onHost();
  await storage.attach(sr);
  const attached = { ...(await onHost()), ...told() };
  const changes: string[] = [];
  const stop = storage.paths.onChange(() => {
    const { paths } = told();
    if (paths !== changes.at(-1)) changes.push(paths);
  });
  const smConfig = new Map<string, string>();
  const disk = await storage.createVolume(uuid, { uuid: newUuid(), virtualSize: 64 * MIB, name: '', description: '', smConfig });
  const bytes = randomBytes(12 * MIB);
  await write(disk, bytes);
  const snapshot = await storage.snapshotVolume(at(disk), newUuid());
  const later = randomBytes(4 * MIB);
  if (cut) {
    await run(cut.cut);
    await untilPaths('1/2');
  }
  await write(disk, later);
  if (cut) {
    await run(cut.mend);
    await untilPaths('2/2');
  }
  stop();
  const grown = await storage.resizeVolume(at(disk), 96 * MIB);
  const contentKept = await starts(storage, disk, Buffer.concat([later, bytes.subarray(later.length)]));
  const snapshotKept = await starts(storage, snapshot, bytes);
  const found = await storage.probe(type, deviceConfig);
  await storage.detach(uuid);
  const afterDetach = await onHost();

  const again = opened();
  await again.attach(sr);
  const volumes = await again.scan(uuid);
  const keptAgain = await starts(again, snapshot, bytes);
  for (const volume of [disk, snapshot]) await again.destroyVolume(at(volume));
  await again.destroySr(sr);
  return {
    refusals,
    afterCreate,
    attached,
    changes,
    contentKept,
    snapshotKept,
    grownSize: grown.virtualSize / MIB,
    foundSr: found.some((one) => one.sr?.uuid === uuid),
    afterDetach,
    foundAgain: volumes.map(({ virtualSize }) => virtualSize / MIB).sort((a, b) => a - b),
    keptAgain,
    atEnd: await onHost(),
    warnings,
  };
}

async function onHost(): Promise<OnHost> {
  const sessions = await readdir('/sys/class/iscsi_session').catch((): string[] => []);
  const devices = (await commands.run('dmsetup', ['info', '-c', '--noheadings', '-o', 'uuid'])).split('\n');
  const wwids = await readFile('/etc/multipath/wwids', 'utf8').catch(() => '');
  return {
    sessions: sessions.length,
    maps: devices.filter((uuid) => uuid.startsWith('mpath-')).length,
    volumes: devices.filter((uuid) => uuid.startsWith('LVM-')).length,
    asked: wwids.split('\n').flatMap((line) => /^\/(.+)\/$/.exec(line)?.[1] ?? []),
  };
}

function run([program = '', ...args]: readonly string[]): Promise<string> {
  return commands.run(program, args);
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown);
}
