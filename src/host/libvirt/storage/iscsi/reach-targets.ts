import { type DeviceConfig, isScsiId } from '../../../sr-types/device-config.js';
import type { ReachedUnits } from '../devices/reached-units.js';
import type { Multipath } from '../multipath/multipath.js';
import type { Warn } from '../tree/intents.js';
import type { Iscsi } from './iscsi.js';
import { portalText } from './iscsi-program.js';
import { chosenTargets, isChosen, namesUnit } from './iscsi-steps.js';

/** What targets are reached with. */
export interface TargetAccess {
  readonly iscsi: Iscsi;
  readonly multipath: Multipath;
  readonly warn: Warn;
}

/**
 * Logs in at the targets of a configuration for a holder, with `isMultipath` over all ways, so that their units are multipath devices. Refuses with what
 * there is where the configuration names no target.
 */
export async function reachTargets(
  { iscsi, multipath, warn }: TargetAccess,
  holder: string,
  config: DeviceConfig,
  isMultipath: boolean,
): Promise<ReachedUnits> {
  if (isMultipath) await multipath.need();
  const { iqns, portals, login } = await chosenTargets(iscsi, config, isMultipath);
  const isMeant = namesUnit(config) ? isChosen(config) : () => true;
  const id = config.get('SCSIid') ?? '';
  const reached: ReachedUnits = {
    iqns,
    addresses: isMultipath ? portals.map(({ address, port }) => portalText(address, port)) : [],
    mend: () => iscsi.mend(holder, portals, login),
    units: () => iscsi.units(iqns),
    release: () => iscsi.release(holder, iqns),
  };
  // Before the first path comes: what is to be part of a map must not be taken for a disk of its own meanwhile.
  const isKnown = isMultipath && isScsiId(id);
  if (isKnown) await multipath.claim(id);
  try {
    await iscsi.hold(holder, portals, login);
    const found = await iscsi.appeared(iqns, namesUnit(config) ? isMeant : undefined);
    if (isMultipath) {
      for (const unit of found) if (unit.scsiId !== id && isMeant(unit)) await multipath.claim(unit.scsiId);
      await multipath.gathered(reached.units, isMeant);
    }
    return reached;
  } catch (thrown) {
    await reached.release().catch((failed: unknown) => warn(failed, `a target of ${holder} could not be given back`));
    if (isKnown && !(await reached.units()).some(({ scsiId }) => scsiId === id)) await multipath.disclaim(id);
    throw thrown;
  }
}
