import { ApiError } from '../../../../model/error.js';
import type { DeviceConfig } from '../../../sr-types/device-config.js';
import type { ProbeFinding } from '../../../storage.js';
import { isUuid } from '../../../uuid-text.js';
import { DeviceSr } from '../devices/device-sr.js';
import { type LogicalUnit, multipathIds } from '../devices/logical-units.js';
import { type ReachedUnits, wantsMultipath } from '../devices/reached-units.js';
import { unitVolumes } from '../devices/unit-volumes.js';
import { chosenHbaUnit } from '../hba/hba-steps.js';
import { reachAdapters } from '../hba/reach-adapters.js';
import { visitor } from '../iscsi/held-targets.js';
import { chosenUnit, namesUnit } from '../iscsi/iscsi-steps.js';
import { reachTargets } from '../iscsi/reach-targets.js';
import { measureUnits } from '../multipath/measure-units.js';
import { knownFacts } from './driver-facts.js';
import type { Environment, SrDriver } from './sr-driver.js';

/** What can be done with logical units as they are: they are made and removed on their storage. */
const FEATURES: readonly string[] = ['SR_PROBE', 'SR_UPDATE', 'SR_MULTIPATH', 'VDI_ATTACH', 'VDI_DETACH', 'VDI_UPDATE'];

/** How logical units are reached. Rejects with the list of what there is where a configuration names one that is not there. */
interface UnitNetwork {
  readonly type: 'iscsi' | 'hba';
  reach(holder: string, config: DeviceConfig, isMultipath: boolean, environment: Environment): Promise<ReachedUnits>;
  /** What a configuration names: one unit, or all where it names none. */
  chosen(config: DeviceConfig, reached: ReachedUnits): Promise<readonly LogicalUnit[]>;
  /** Whether a probe that names no unit is answered with all of them, and not with a refusal. */
  readonly probesAll: boolean;
}

/** Each logical unit of an iSCSI target as a disk, or the one that is configured. */
export const iscsiDriver = rawUnitDriver({
  type: 'iscsi',
  reach: (holder, config, isMultipath, environment) => reachTargets(environment, holder, config, isMultipath),
  chosen: async (config, reached) => {
    const units = await reached.units();
    return namesUnit(config) ? [chosenUnit(units, config)] : units;
  },
  probesAll: true,
});

/** Each logical unit behind host bus adapters as a disk, or the one that is configured. */
export const hbaDriver = rawUnitDriver({
  type: 'hba',
  reach: (_holder, config, isMultipath, { multipath }) => reachAdapters(multipath, config, isMultipath),
  chosen: async (config, reached) => (config.get('SCSIid') ? [await chosenHbaUnit(config)] : reached.units()),
  probesAll: false,
});

function rawUnitDriver({ type, reach, chosen, probesAll }: UnitNetwork): SrDriver {
  /** What a configuration names, which is let go at once. */
  async function visited(config: DeviceConfig, isMultipath: boolean, environment: Environment): Promise<readonly LogicalUnit[]> {
    const reached = await reach(visitor(), config, isMultipath, environment);
    try {
      return await chosen(config, reached);
    } finally {
      await reached.release();
    }
  }

  return {
    facts: knownFacts(type, FEATURES),

    /** There is nothing to be made; that the units are there is made sure. */
    async create({ uuid, deviceConfig }, _size, environment) {
      needUuid(uuid);
      await visited(deviceConfig, false, environment);
    },

    async destroy({ uuid }) {
      needUuid(uuid);
    },

    async probe(deviceConfig, environment) {
      if (!probesAll && !deviceConfig.get('SCSIid')) await chosenHbaUnit(deviceConfig);
      return asFindings(await visited(deviceConfig, false, environment), deviceConfig);
    },

    async attach({ uuid, deviceConfig, multipath }, environment) {
      needUuid(uuid);
      const { live, paths } = environment;
      const reached = await reach(uuid, deviceConfig, wantsMultipath(deviceConfig, multipath), environment);
      const close = async (): Promise<void> => {
        await reached.release();
        paths.forget(uuid);
      };
      try {
        const units = await chosen(deviceConfig, reached);
        const list = async () => unitVolumes(await reached.units(), deviceConfig.get('SCSIid'));
        const attached = await DeviceSr.open(uuid, { live, list, measure: () => measureAll(reached, environment), close });
        await paths.follow(uuid, { ...reached, scsiIds: multipathIds(units) });
        return attached;
      } catch (thrown) {
        await close();
        throw thrown;
      }
    },
  };
}

/** A unit that does not tell its size keeps the one that it had. */
async function measureAll(reached: ReachedUnits, { multipath, warn }: Environment): Promise<void> {
  await measureUnits(await reached.units(), multipath).catch((thrown: unknown) =>
    warn(thrown, 'logical units cannot be measured'),
  );
}

function asFindings(units: readonly LogicalUnit[], given: DeviceConfig): readonly ProbeFinding[] {
  return units.map(({ scsiId, lun, vendor, serial, size }) => ({
    configuration: new Map([...given, ['SCSIid', scsiId]]),
    complete: true,
    extraInfo: new Map([
      ['LUNid', String(lun)],
      ['vendor', vendor],
      ['serial', serial],
      ['size', String(size)],
    ]),
  }));
}

function needUuid(uuid: string): void {
  if (!isUuid(uuid)) throw new ApiError('UUID_INVALID', 'SR', uuid);
}
