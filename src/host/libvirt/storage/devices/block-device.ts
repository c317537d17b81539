import { constants } from 'node:fs';
import { open, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { refusal } from '../../../storage-refusal.js';

const { O_RDONLY, O_EXCL, O_NONBLOCK } = constants;

/** Bytes that the kernel calls a sector, whatever the disk does. */
export const SECTOR = 512;

/** A block device of the host. */
export interface BlockDevice {
  /** The device itself, links followed. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** The block device of a path. Rejects with the refusals of drivers when there is none. */
export async function blockDeviceAt(path: string): Promise<BlockDevice> {
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined) throw refusal('badDevice', `There is no device ${path}`);
  // A link in /dev may lead to anything.
  if (!real.startsWith('/dev/') || !(await stat(real)).isBlockDevice()) throw refusal('badDevice', `${path} is no block device`);
  const sectors = await readFile(`/sys/class/block/${basename(real).replaceAll('/', '!')}/size`, 'utf8');
  return { path: real, size: Number(sectors) * SECTOR };
}

/**
 * Milliseconds for which a device must be had before that counts. Others ask for it alone to look at it and let go at once: multipath's rule of
 * udev does, whenever somebody has closed a device that was open for writing.
 */
const PATIENCE = 500;

/** Milliseconds between two questions. */
const PAUSE = 20;

/** Devices that are being asked for, by path: two questions at once would find each other. */
const asked = new Map<string, Promise<boolean>>();

/**
 * Whether nothing of this host has a device: a mounted file system, swap, a volume group, RAID, or one of its partitions. The kernel gives a device
 * that is had to nobody else who asks for it alone. Partitions that udev has mapped of a multipath device have it too; as long as nothing has one of
 * them, that counts for nothing: what a guest writes on its disk is nothing that this host uses.
 */
export async function isUnused(path: string): Promise<boolean> {
  const partitions = await mappedPartitions(path);
  const unused = await Promise.all((partitions.length > 0 ? partitions : [path]).map(isHadByNobody));
  return unused.every(Boolean);
}

async function isHadByNobody(path: string): Promise<boolean> {
  const now = asked.get(path) ?? ask(path).finally(() => asked.delete(path));
  asked.set(path, now);
  return now;
}

/** How device mapper knows a partition of a multipath device. */
const PARTITION = /^part\d+-mpath-/;

/** The devices that have a device, when all of them are partitions of it that were mapped. */
async function mappedPartitions(path: string): Promise<readonly string[]> {
  const real = await realpath(path).catch(() => path);
  const holders = `/sys/class/block/${basename(real)}/holders`;
  const names = await readdir(holders).catch((): string[] => []);
  const uuids = await Promise.all(names.map((name) => readFile(join(holders, name, 'dm/uuid'), 'utf8').catch(() => '')));
  return uuids.every((uuid) => PARTITION.test(uuid)) ? names.map((name) => `/dev/${name}`) : [];
}

async function ask(path: string): Promise<boolean> {
  const end = performance.now() + PATIENCE;
  while (!(await isFree(path))) {
    if (performance.now() > end) return false;
    await setTimeout(PAUSE);
  }
  return true;
}

async function isFree(path: string): Promise<boolean> {
  try {
    await (await open(path, O_RDONLY | O_EXCL | O_NONBLOCK)).close();
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'EBUSY') return false;
    throw thrown;
  }
}

/** Rejects with SR_BACKEND_FAILURE_16 when something of this host has a device. */
export async function needUnused({ path }: Pick<BlockDevice, 'path'>): Promise<void> {
  if (!(await isUnused(path))) throw refusal('deviceInUse', `${path} is in use on this host`);
}
