import { realpath } from 'node:fs/promises';
import { ApiError } from '../../../../model/error.js';
import { refusal } from '../../../storage-refusal.js';
import { DEVICES_REPORT, groupNamesReport, parseDevices, parseGroupNames } from './group-report.js';
import { asSrWork } from './lvm-error.js';
import type { RunLvm } from './lvm-program.js';
import { groupNameOf, isOurName, xcpGroupOf, xcpSrOf } from './names.js';
import { srOf, srTag } from './node-tag.js';
import { VolumeGroup } from './volume-group.js';

/**
 * Space on each device for LVM's metadata: two copies of what 10,000 disks need, at a kilobyte each. Of small devices it takes no
 * more than their share.
 */
const METADATA = 32 * 2 ** 20;
const METADATA_SHARE = 1 / 64;

/** A device for a new group; size in bytes. */
interface Device {
  readonly path: string;
  readonly size: number;
}

/** The group that is an SR: it says so itself, or is that of an XCP or XenServer host. Undefined when there is none. */
export async function findGroup(run: RunLvm, sr: string): Promise<VolumeGroup | undefined> {
  return asSrWork(async () => {
    const [name, ...others] = parseGroupNames(await run(groupNamesReport({ tag: srTag(sr), name: xcpGroupOf(sr) })));
    if (others.length > 0) throw refusal('srNotThere', `Several volume groups are the SR ${sr}: ${[name, ...others].join(', ')}`);
    return name === undefined ? undefined : VolumeGroup.open(name, run);
  });
}

/** Uuid of the SR that a group is; undefined for a group of somebody else. */
export function srIn({ name, facts }: VolumeGroup): string | undefined {
  return srOf(facts.tags) ?? xcpSrOf(name);
}

/** A group by its name; undefined when there is none. */
export async function groupNamed(run: RunLvm, name: string): Promise<VolumeGroup | undefined> {
  return asSrWork(async () => {
    const [found] = parseGroupNames(await run(groupNamesReport({ name })));
    return found === undefined ? undefined : VolumeGroup.open(found, run);
  });
}

/** Names of the groups that devices are parts of; '' for one that is prepared for a group and in none yet. */
export async function groupsOn(run: RunLvm, devices: readonly string[]): Promise<readonly string[]> {
  const known = await asSrWork(async () => parseDevices(await run(DEVICES_REPORT)));
  const found = new Set<string>();
  for (const [device, group] of known) {
    const real = await realpath(device).catch(() => device);
    if (devices.includes(real)) found.add(group);
  }
  return [...found];
}

/** Makes the group of an SR out of empty devices. All of it is there afterwards, or nothing. */
export function makeGroup(run: RunLvm, sr: string, devices: readonly Device[]): Promise<unknown> {
  const metadata = Math.min(METADATA, ...devices.map(({ size }) => size * METADATA_SHARE));
  return asSrWork(() =>
    run([
      ...['vgcreate', '--yes', '--setautoactivation', 'n', '--metadatasize', `${Math.floor(metadata / 1024)}k`],
      ...['--addtag', srTag(sr), groupNameOf(sr), ...devices.map(({ path }) => path)],
    ]),
  );
}

/** Makes a group of somebody else an SR. Its volumes stay theirs. */
export function adoptGroup(group: VolumeGroup, sr: string): Promise<void> {
  return asSrWork(() => group.tag({ add: [srTag(sr)] }));
}

/**
 * Removes everything of ours from a group and, where it was made for the SR, the group itself. Rejects with SR_NOT_EMPTY when somebody
 * else has put something into that one.
 */
export async function removeFrom(run: RunLvm, group: VolumeGroup, sr: string): Promise<void> {
  const { name } = group;
  if (srOf(group.facts.tags) !== sr) throw new ApiError('SR_OPERATION_NOT_SUPPORTED', sr);
  const isOurs = name === groupNameOf(sr);
  const names = [...group.facts.volumes.keys()];
  if (isOurs && !names.every(isOurName)) throw new ApiError('SR_NOT_EMPTY');
  await asSrWork(async () => {
    await group.remove(names.filter(isOurName));
    if (!isOurs) return group.tag({ remove: [...group.facts.tags].filter((tag) => tag.startsWith('xenapi.')) });
    const devices = [...parseDevices(await run(DEVICES_REPORT))].filter(([, of]) => of === name).map(([device]) => device);
    await run(['vgremove', '--yes', name]);
    if (devices.length > 0) await run(['pvremove', '--yes', ...devices]);
  });
}
