import { ApiError } from '../../../../model/error.js';
import { devicesOf } from '../../../sr-types/device-config.js';
import { THIN_FEATURES } from '../../../sr-types/features.js';
import { refusal } from '../../../storage-refusal.js';
import { isUuid } from '../../../uuid-text.js';
import { type BlockDevice, blockDeviceAt } from '../devices/block-device.js';
import { attachGroup, destroyGroup, findingOf, probeGroups } from '../lvm/group-sr.js';
import type { RunLvm } from '../lvm/lvm-program.js';
import { isLvmName } from '../lvm/names.js';
import { kindsOn, makeGroupOn } from '../lvm/new-group.js';
import { adoptGroup, findGroup, groupNamed, srIn } from '../lvm/sr-groups.js';
import type { VolumeGroup } from '../lvm/volume-group.js';
import { knownFacts } from './driver-facts.js';
import type { Environment, SrDriver } from './sr-driver.js';

type Config = ReadonlyMap<string, string>;

const FACTS = knownFacts('lvm', THIN_FEATURES);

/** What this driver takes besides what every client knows. */
const OWN_KEYS = [
  ['vg', 'name of an existing volume group, in place of a device; what others have in it is shown and left alone'],
  ['force', 'true to make an SR of a device although something is on it, which is lost then'],
] as const;

/**
 * Disks as volumes of a volume group: of one that is made on devices of the host, or of one that is there. sm_config `allocation` is
 * `thick` where disks are to have all their space at once.
 */
export const lvmDriver: SrDriver = {
  facts: { ...FACTS, configuration: new Map([...FACTS.configuration, ...OWN_KEYS]) },

  async create({ uuid, deviceConfig }, _size, { tools, lvm }) {
    const { run, paths } = lvm;
    if (!isUuid(uuid)) throw new ApiError('UUID_INVALID', 'SR', uuid);
    const group = deviceConfig.has('vg') ? await groupOf(run, deviceConfig) : undefined;
    const devices = group === undefined ? await devicesAt(deviceConfig) : [];
    await paths.check();
    if ((await findGroup(run, uuid)) !== undefined) throw new ApiError('SR_UUID_EXISTS', uuid);
    if (group === undefined) await makeGroupOn(devices, uuid, deviceConfig.get('force') === 'true', { tools, run });
    else if (srIn(group) === undefined) await adoptGroup(group, uuid);
    else throw new ApiError('SR_DEVICE_IN_USE');
  },

  destroy: destroyGroup,

  async probe(deviceConfig, { tools, lvm }) {
    if (deviceConfig.has('vg')) return [findingOf(await groupOf(lvm.run, deviceConfig), deviceConfig)];
    const devices = await devicesAt(deviceConfig);
    const found = await probeGroups(lvm.run, pathsOf(devices), deviceConfig);
    if (found.length > 0 || (await kindsOn(tools, devices)).length > 0) return found;
    return [{ configuration: deviceConfig, complete: true, extraInfo: new Map() }];
  },

  attach: (sr, environment: Environment) => attachGroup(sr, environment),
};

async function groupOf(run: RunLvm, deviceConfig: Config): Promise<VolumeGroup> {
  const name = deviceConfig.get('vg') ?? '';
  if (!isLvmName(name)) throw refusal('badParameter', `${name} is no name of a volume group`);
  const group = await groupNamed(run, name);
  if (group === undefined) throw refusal('srNotThere', `There is no volume group ${name}`);
  return group;
}

async function devicesAt(deviceConfig: Config): Promise<readonly BlockDevice[]> {
  const found = await Promise.all(devicesOf(deviceConfig).map(blockDeviceAt));
  if (new Set(pathsOf(found)).size < found.length) throw refusal('badDevice', 'A device is named twice');
  return found;
}

function pathsOf(devices: readonly BlockDevice[]): readonly string[] {
  return devices.map(({ path }) => path);
}
