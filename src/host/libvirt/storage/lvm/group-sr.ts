import type { ProbeFinding, SrSpec } from '../../../storage.js';
import { refusal } from '../../../storage-refusal.js';
import { isUuid } from '../../../uuid-text.js';
import type { Environment } from '../drivers/sr-driver.js';
import { TreeSr } from '../tree/tree-sr.js';
import { LvMedium } from './lv-medium.js';
import { asSrWork } from './lvm-error.js';
import type { RunLvm } from './lvm-program.js';
import { xcpSrOf } from './names.js';
import { findGroup, groupNamed, groupsOn, removeFrom, srIn } from './sr-groups.js';
import type { VolumeGroup } from './volume-group.js';

/**
 * Attaches the SR that a volume group is, wherever its devices are. Refuses where there is none. `released`: what is to be done
 * once nothing of it is active any more.
 */
export async function attachGroup(
  sr: SrSpec,
  { live, warn, lvm, coalescing }: Environment,
  released = async (): Promise<void> => undefined,
  measure?: () => Promise<void>,
): Promise<TreeSr> {
  const { run, paths, steps } = lvm;
  await paths.check();
  const group = await needGroup(run, sr);
  const isThick = sr.smConfig.get('allocation') === 'thick';
  // Hosts of the original read it too, and know nothing of what we would write.
  const isReadOnly = xcpSrOf(group.name) !== undefined;
  const options = { group, paths, live: live(), warn, isThick, isReadOnly, released, measure, ...(steps && { steps }) };
  const medium = await asSrWork(() => LvMedium.open(options));
  return TreeSr.open(sr.uuid, medium, live, warn, coalescing);
}

/** Removes what is ours of the volume group of an SR that is not attached. Rejects with SR_NOT_EMPTY. */
export async function destroyGroup(sr: SrSpec, { lvm }: Environment): Promise<void> {
  await removeFrom(lvm.run, await needGroup(lvm.run, sr), sr.uuid);
}

/** What the volume groups on devices are to whoever probes; nothing where there are none. Paths with links followed. */
export async function probeGroups(
  run: RunLvm,
  devices: readonly string[],
  configuration: ReadonlyMap<string, string>,
): Promise<readonly ProbeFinding[]> {
  const names = (await groupsOn(run, devices)).filter((name) => name !== '');
  const groups = await Promise.all(names.map((name) => groupNamed(run, name)));
  return groups.flatMap((group) => (group === undefined ? [] : [findingOf(group, configuration)]));
}

/** What a group is to whoever probes: an SR, or something of which one can be made. */
export function findingOf(group: VolumeGroup, configuration: ReadonlyMap<string, string>): ProbeFinding {
  const uuid = srIn(group);
  const common = { complete: true, extraInfo: new Map([['volume_group', group.name]]) };
  if (uuid === undefined) return { ...common, configuration: new Map([['vg', group.name]]) };
  const { size, free } = group.facts;
  return { ...common, configuration, sr: { uuid, name: '', description: '', totalSpace: size, freeSpace: free } };
}

async function needGroup(run: RunLvm, { uuid }: SrSpec): Promise<VolumeGroup> {
  const group = isUuid(uuid) ? await findGroup(run, uuid) : undefined;
  if (group === undefined) throw refusal('srNotThere', `There is no volume group of the SR ${uuid}`);
  return group;
}
