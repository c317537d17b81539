import { type DeviceConfig, portalOf } from '../../../sr-types/device-config.js';
import { type FoundLun, type FoundTarget, refuseWithLuns, refuseWithTargets } from '../../../sr-types/findings.js';
import { refusal } from '../../../storage-refusal.js';
import type { LogicalUnit } from '../devices/logical-units.js';
import type { Iscsi } from './iscsi.js';
import type { Chap } from './record-file.js';

/** A target that a configuration names, and that is there. */
export interface ChosenTarget {
  readonly iqn: string;
  /** Where it can be reached: where it was asked for first. */
  readonly portals: readonly FoundTarget[];
  readonly chap: Chap | undefined;
}

/** What may be in a file of settings: one line, without blanks at its ends. */
const WORD = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;

/**
 * The target of a configuration. One that names none, or none that is there, is refused with the list of those that are: that is how clients
 * discover them. Of several addresses of the target, all are taken with `multipath`.
 */
export async function chosenTarget(iscsi: Iscsi, config: DeviceConfig, multipath = false): Promise<ChosenTarget> {
  const portal = portalOf(config);
  const chap = chapOf(config);
  const found = await iscsi.discover(portal, chap);
  const iqn = config.get('targetIQN') ?? '';
  const portals = found.filter((target) => target.iqn === iqn);
  if (portals.length === 0) refuseWithTargets(found);
  const isAsked = ({ address }: FoundTarget): boolean => address === portal.target;
  portals.sort((a, b) => Number(isAsked(b)) - Number(isAsked(a)));
  return { iqn, portals: multipath ? portals : portals.slice(0, 1), chap };
}

/** Holds the target of a configuration for an SR; resolves to what is behind it. */
export function holdTarget(iscsi: Iscsi, holder: string, { iqn, portals, chap }: ChosenTarget): Promise<readonly LogicalUnit[]> {
  return iscsi.hold(holder, iqn, portals, chap);
}

/** The logical unit of a configuration, by id, number or serial number. Without one that is there, it is refused with the list of all. */
export function chosenUnit<Unit extends FoundLun>(units: readonly Unit[], config: DeviceConfig): Unit {
  const [id, number, serial] = ['SCSIid', 'LUNid', 'LUNSerial'].map((key) => config.get(key) ?? '');
  const chosen = units.find((unit) => {
    if (id !== '') return unit.scsiId === id;
    return number === '' ? serial !== '' && unit.serial === serial : String(unit.lun) === number;
  });
  return chosen ?? refuseWithLuns(units);
}

function chapOf(config: DeviceConfig): Chap | undefined {
  const [user = '', password = ''] = [config.get('chapuser'), config.get('chappassword')];
  if (user === '') return undefined;
  if (!WORD.test(user) || !WORD.test(password)) throw refusal('badParameter', 'User name or password for CHAP cannot be used');
  return { user, password };
}
