import { ApiError } from '../../../../model/error.js';
import type { DeviceConfig } from '../../../sr-types/device-config.js';
import type { ProbeFinding, SrSpec } from '../../../storage.js';
import { isUuid } from '../../../uuid-text.js';
import { DeviceSr } from '../devices/device-sr.js';
import type { LogicalUnit } from '../devices/logical-units.js';
import { unitVolumes } from '../devices/unit-volumes.js';
import { behindAdapters } from '../hba/adapters.js';
import { chosenHbaUnit } from '../hba/hba-steps.js';
import type { Iscsi } from '../iscsi/iscsi.js';
import { chosenTarget, chosenUnit, holdTarget } from '../iscsi/iscsi-steps.js';
import { knownFacts } from './driver-facts.js';
import type { SrDriver } from './sr-driver.js';

/** What can be done with logical units as they are: they are made and removed on their storage. */
const FEATURES: readonly string[] = ['SR_PROBE', 'SR_UPDATE', 'VDI_ATTACH', 'VDI_DETACH', 'VDI_UPDATE'];

/** Each logical unit of an iSCSI target as a disk, or the one that is configured. */
export const iscsiDriver: SrDriver = {
  facts: knownFacts('iscsi', FEATURES),

  /** There is nothing to be made; that the target is there is made sure. */
  async create({ uuid, deviceConfig }, _size, { iscsi }) {
    needUuid(uuid);
    await unitsFor(iscsi, uuid, deviceConfig);
  },

  async destroy({ uuid }) {
    needUuid(uuid);
  },

  async probe(deviceConfig, { iscsi }) {
    return asFindings(await unitsFor(iscsi, 'probe', deviceConfig), deviceConfig);
  },

  async attach({ uuid, deviceConfig }, { iscsi, live }) {
    needUuid(uuid);
    const target = await chosenTarget(iscsi, deviceConfig);
    await holdTarget(iscsi, uuid, target);
    const close = (): Promise<void> => iscsi.release(uuid, target.iqn);
    try {
      const list = async () => unitVolumes(await iscsi.units(target.iqn), deviceConfig.get('SCSIid'));
      return await DeviceSr.open(uuid, { live, list, close });
    } catch (thrown) {
      await close();
      throw thrown;
    }
  },
};

/** Each logical unit behind host bus adapters as a disk, or the one that is configured. */
export const hbaDriver: SrDriver = {
  facts: knownFacts('hba', FEATURES),

  async create(sr) {
    await needUnits(sr);
  },

  async destroy({ uuid }) {
    needUuid(uuid);
  },

  async probe(deviceConfig) {
    const only = await chosenHbaUnit(deviceConfig);
    return asFindings([only], deviceConfig);
  },

  async attach(sr, { live }) {
    await needUnits(sr);
    const list = async () => unitVolumes((await behindAdapters()).units, sr.deviceConfig.get('SCSIid'));
    return DeviceSr.open(sr.uuid, { live, list });
  },
};

/** What is behind the target of a configuration, which is let go at once. */
async function unitsFor(iscsi: Iscsi, holder: string, config: DeviceConfig): Promise<readonly LogicalUnit[]> {
  const target = await chosenTarget(iscsi, config);
  const units = await holdTarget(iscsi, holder, target);
  try {
    return ['SCSIid', 'LUNid', 'LUNSerial'].some((key) => config.get(key)) ? [chosenUnit(units, config)] : units;
  } finally {
    await iscsi.release(holder, target.iqn);
  }
}

async function needUnits({ uuid, deviceConfig }: SrSpec): Promise<void> {
  needUuid(uuid);
  if (deviceConfig.get('SCSIid')) await chosenHbaUnit(deviceConfig);
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
