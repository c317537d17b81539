import { ApiError } from '../../../../model/error.js';
import type { DeviceConfig } from '../../../sr-types/device-config.js';
import { THIN_FEATURES } from '../../../sr-types/features.js';
import { isUuid } from '../../../uuid-text.js';
import { type BlockDevice, blockDeviceAt } from '../devices/block-device.js';
import { type LogicalUnit, multipathIds } from '../devices/logical-units.js';
import { type ReachedUnits, wantsMultipath } from '../devices/reached-units.js';
import { chosenHbaUnit } from '../hba/hba-steps.js';
import { reachAdapters } from '../hba/reach-adapters.js';
import { visitor } from '../iscsi/held-targets.js';
import { chosenUnit } from '../iscsi/iscsi-steps.js';
import { reachTargets } from '../iscsi/reach-targets.js';
import { attachGroup, destroyGroup, probeGroups } from '../lvm/group-sr.js';
import { kindsOn, makeGroupOn } from '../lvm/new-group.js';
import { findGroup } from '../lvm/sr-groups.js';
import { measureUnits } from '../multipath/measure-units.js';
import { knownFacts } from './driver-facts.js';
import type { Environment, SrDriver } from './sr-driver.js';

/** How a logical unit of a storage network is reached. Both reject with the list of what there is where the configuration does not name one. */
interface UnitNetwork {
  readonly type: 'lvmoiscsi' | 'lvmohba';
  reach(holder: string, config: DeviceConfig, isMultipath: boolean, environment: Environment): Promise<ReachedUnits>;
  choose(config: DeviceConfig, reached: ReachedUnits): Promise<LogicalUnit>;
}

const FEATURES: readonly string[] = [...THIN_FEATURES, 'SR_MULTIPATH'];

const GIVING_BACK = 'logical units of a storage network could not be given back';

/** What these drivers take besides what every client knows. */
const OWN_KEYS = [['force', 'true to make an SR of a unit although something is on it, which is lost then']] as const;

/** Disks as volumes of a group on a logical unit of an iSCSI target. */
export const lvmoiscsiDriver = unitGroupDriver({
  type: 'lvmoiscsi',
  reach: (holder, config, isMultipath, environment) => reachTargets(environment, holder, config, isMultipath),
  choose: async (config, reached) => chosenUnit(await reached.units(), config),
});

/** The same behind a host bus adapter. */
export const lvmohbaDriver = unitGroupDriver({
  type: 'lvmohba',
  reach: (_holder, config, isMultipath, { multipath }) => reachAdapters(multipath, config, isMultipath),
  choose: (config) => chosenHbaUnit(config),
});

function unitGroupDriver({ type, reach, choose }: UnitNetwork): SrDriver {
  /** Does something with the unit of a configuration that nobody has attached. */
  async function visiting<T>(
    config: DeviceConfig,
    isMultipath: boolean,
    environment: Environment,
    work: (device: BlockDevice) => Promise<T>,
  ): Promise<T> {
    const reached = await reach(visitor(), config, isMultipath, environment);
    try {
      return await work(await blockDeviceAt((await choose(config, reached)).path));
    } finally {
      // Somebody else on the host may have begun to use what came to light.
      await reached.release().catch((thrown: unknown) => environment.warn(thrown, GIVING_BACK));
    }
  }

  const facts = knownFacts(type, FEATURES);
  return {
    facts: { ...facts, configuration: new Map([...facts.configuration, ...OWN_KEYS]) },

    async create({ uuid, deviceConfig, multipath }, _size, environment) {
      const { tools, lvm } = environment;
      if (!isUuid(uuid)) throw new ApiError('UUID_INVALID', 'SR', uuid);
      await visiting(deviceConfig, wantsMultipath(deviceConfig, multipath), environment, async (device) => {
        await lvm.paths.check();
        if ((await findGroup(lvm.run, uuid)) !== undefined) throw new ApiError('SR_UUID_EXISTS', uuid);
        await makeGroupOn([device], uuid, deviceConfig.get('force') === 'true', { tools, run: lvm.run });
      });
    },

    async destroy(sr, environment) {
      const { deviceConfig, multipath } = sr;
      await visiting(deviceConfig, wantsMultipath(deviceConfig, multipath), environment, () => destroyGroup(sr, environment));
    },

    probe: (deviceConfig, environment) =>
      visiting(deviceConfig, wantsMultipath(deviceConfig), environment, async (device) => {
        const { tools, lvm } = environment;
        const found = await probeGroups(lvm.run, [device.path], deviceConfig);
        if (found.length > 0 || (await kindsOn(tools, [device])).length > 0) return found;
        return [{ configuration: deviceConfig, complete: true, extraInfo: new Map() }];
      }),

    async attach(sr, environment) {
      const { uuid, deviceConfig, multipath } = sr;
      const { paths } = environment;
      if (!isUuid(uuid)) throw new ApiError('UUID_INVALID', 'SR', uuid);
      const reached = await reach(uuid, deviceConfig, wantsMultipath(deviceConfig, multipath), environment);
      const release = async (): Promise<void> => {
        await reached.release();
        paths.forget(uuid);
      };
      try {
        const unit = await choose(deviceConfig, reached);
        const measure = async (): Promise<void> => measureUnits([await choose(deviceConfig, reached)], environment.multipath);
        await measure().catch((thrown: unknown) => environment.warn(thrown, `the unit of the SR ${uuid} cannot be measured`));
        const attached = await attachGroup(sr, environment, release, measure);
        await paths.follow(uuid, { ...reached, scsiIds: multipathIds([unit]) });
        return attached;
      } catch (thrown) {
        await release().catch((failed: unknown) => environment.warn(failed, GIVING_BACK));
        throw thrown;
      }
    },
  };
}
