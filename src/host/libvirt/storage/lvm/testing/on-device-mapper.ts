import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { v4 as newUuid } from 'uuid';
import type { SrSpec, Volume } from '../../../../storage.js';
import { HostCommands } from '../../../network/commands.js';
import { LibvirtStorage } from '../../libvirt-storage.js';
import { FakeLiveDisks } from '../../testing/fake-live-disks.js';
import { THIS_HOST } from '../lvm-host.js';

const MIB = 2 ** 20;

/** What was seen of an SR on a real device, for a test to judge. Sizes in bytes. */
export interface Seen {
  readonly firstSize: number;
  readonly grownSize: number;
  readonly contentKept: boolean;
  readonly snapshotKept: boolean;
  readonly revertedKept: boolean;
  readonly cloneKept: boolean;
  readonly rawIsZero: boolean;
  readonly rawGrownIsZero: boolean;
  readonly fullRefusal: string;
  readonly afterFull: boolean;
  readonly located: boolean;
  readonly activeWhileOpen: number;
  readonly activeAfterDetach: number;
  readonly foundAgain: number;
  readonly activeAtEnd: number;
  readonly signaturesAtEnd: string;
  readonly warnings: readonly string[];
}

/** Does with an SR on a device what disks have done with them. The device is full of what is no zeros. */
export default async function onDeviceMapper({ device }: { readonly device: string }): Promise<Seen> {
  const commands = new HostCommands([], 120_000);
  const warnings: string[] = [];
  const live = new FakeLiveDisks();
  const opened = (): LibvirtStorage =>
    new LibvirtStorage({
      live: () => live,
      warn: (error, message) => void warnings.push(`${message}: ${String(error)}`),
      runDirectory: '/run/lvm-test',
      lvm: { ...THIS_HOST, steps: { step: 8 * MIB, reserve: 4 * MIB } },
    });
  const storage = opened();
  const uuid = newUuid();
  const sr: SrSpec = {
    uuid,
    type: 'lvm',
    deviceConfig: new Map([['device', device]]),
    smConfig: new Map(),
    contentType: 'user',
    shared: false,
  };
  const at = ({ location }: Volume) => ({ sr: uuid, location });
  const make = (virtualSize: number, type?: string): Promise<Volume> => {
    const smConfig = new Map(type === undefined ? [] : [['type', type]]);
    return storage.createVolume(uuid, { uuid: newUuid(), virtualSize, name: '', description: '', smConfig });
  };
  const write = async (volume: Volume, bytes: Buffer): Promise<void> => {
    const stream = await storage.write(at(volume));
    stream.end(bytes);
    await finished(stream);
  };
  const starts = async (volume: Volume, bytes: Buffer): Promise<boolean> =>
    (await buffer(await storage.read(at(volume)))).subarray(0, bytes.length).equals(bytes);
  const sizeOf = async (volume: Volume): Promise<number> =>
    Number(await commands.run('blockdev', ['--getsize64', (await storage.source(at(volume))).path]));
  const active = async (): Promise<number> =>
    (await commands.run('dmsetup', ['ls'])).split('\n').filter((line) => line.startsWith('xenapi')).length;

  await storage.createSr(sr, 0);
  await storage.attach(sr);
  const disk = await make(64 * MIB);
  const firstSize = await sizeOf(disk);
  const bytes = randomBytes(20 * MIB);
  await write(disk, bytes);
  const grownSize = await sizeOf(disk);
  const contentKept = await starts(disk, bytes);
  const snapshot = await storage.snapshotVolume(at(disk), newUuid());
  const later = randomBytes(2 * MIB);
  await write(disk, later);
  const snapshotKept = await starts(snapshot, bytes);
  const clone = await storage.cloneVolume(at(disk), newUuid());
  const cloneKept = await starts(clone, Buffer.concat([later, bytes.subarray(later.length)]));
  await storage.revertVolume(at(disk), at(snapshot));
  const revertedKept = await starts(disk, bytes);
  const raw = await make(4 * MIB, 'raw');
  const { path } = await storage.source(at(raw));
  const rawIsZero = (await readFile(path)).every((byte) => byte === 0);
  await storage.resizeVolume(at(raw), 8 * MIB);
  const rawGrownIsZero = (await readFile(path)).equals(Buffer.alloc(8 * MIB));
  const { physicalSize, physicalUtilisation } = await storage.space(uuid);
  const filler = await make(physicalSize - physicalUtilisation - 4 * MIB, 'raw');
  const fullRefusal = await write(clone, randomBytes(40 * MIB)).then(
    () => '',
    (thrown: unknown) => (thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown)),
  );
  const afterFull = await starts(disk, bytes);
  const [, otherPath = ''] = [
    path,
    `/dev/mapper/${path
      .split('/')
      .slice(2)
      .map((part) => part.replaceAll('-', '--'))
      .join('-')}`,
  ];
  const located = storage.locate(path)?.location === raw.location && storage.locate(otherPath)?.location === raw.location;
  const reader = await storage.open(at(snapshot), 'read');
  await storage.detach(uuid);
  const activeWhileOpen = await active();
  await reader.close();
  const again = opened();
  await again.attach(sr);
  const activeAfterDetach = await active();
  const found = await again.scan(uuid);
  for (const volume of [snapshot, raw, filler, disk, clone]) await again.destroyVolume(at(volume));
  await again.detach(uuid);
  const activeAtEnd = await active();
  await again.destroySr(sr);
  const signaturesAtEnd = await commands.run('wipefs', ['--no-act', '--noheadings', device]);
  const kept = { contentKept, snapshotKept, revertedKept, cloneKept, rawIsZero, rawGrownIsZero, afterFull, located };
  const counts = { activeWhileOpen, activeAfterDetach, foundAgain: found.length, activeAtEnd };
  return { firstSize, grownSize, ...kept, fullRefusal, ...counts, signaturesAtEnd, warnings };
}
