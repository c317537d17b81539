import { refusal } from '../../../storage-refusal.js';
import { type BlockDevice, needUnused } from '../devices/block-device.js';
import { signaturesOn, wipeSignatures } from '../devices/signatures.js';
import { needTools, type Tools } from '../tools/tools.js';
import type { RunLvm } from './lvm-program.js';
import { groupsOn, makeGroup } from './sr-groups.js';

/** What a group is made with. */
export interface GroupTools {
  readonly tools: Tools;
  readonly run: RunLvm;
}

/** Makes the group of an SR on devices. Rejects when they are in use, or have something on them that is not to be lost. */
export async function makeGroupOn(
  devices: readonly BlockDevice[],
  sr: string,
  isForced: boolean,
  { tools, run }: GroupTools,
): Promise<void> {
  const paths = devices.map(({ path }) => path);
  const groups = (await groupsOn(run, paths)).filter((name) => name !== '');
  if (groups.length > 0) throw refusal('deviceInUse', `The volume group ${groups.join(', ')} is on the device`);
  for (const device of devices) await needUnused(device);
  const found = await kindsOn(tools, devices);
  if (found.length > 0 && !isForced) {
    throw refusal('deviceInUse', `Something is on the device (${found.join(', ')}): device_config force=true gives it up`);
  }
  if (found.length > 0) for (const path of paths) await wipeSignatures(tools, path);
  await makeGroup(run, sr, devices);
}

/** Kinds of what is on devices. Rejects where it cannot be told. */
export async function kindsOn(tools: Tools, devices: readonly BlockDevice[]): Promise<readonly string[]> {
  await needTools(tools, 'badDevice', 'wipefs');
  const found = await Promise.all(devices.map(({ path }) => signaturesOn(tools, path)));
  return [...new Set(found.flat())];
}
