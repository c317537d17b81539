import { type DeviceConfig, portalsOf } from '../../../sr-types/device-config.js';
import { type FoundLun, type FoundTarget, refuseWithLuns, refuseWithTargets } from '../../../sr-types/findings.js';
import { refusal } from '../../../storage-refusal.js';
import type { Iscsi, Login, Portal } from './iscsi.js';
import type { Chap, Credentials } from './record-file.js';

/** Targets that a configuration names, and that are there. */
export interface ChosenTargets {
  readonly iqns: readonly string[];
  /** Where they are to be reached. */
  readonly portals: readonly FoundTarget[];
  readonly login: Login;
}

/** What clients give in place of a name for all targets that there are: controllers of one array that have a name each. */
const ALL = '*';

/** What may be in a file of settings: one line, without blanks at its ends. */
const WORD = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;

/**
 * The targets of a configuration. One that names none, or none that is there, is refused with the list of those that are: that is how clients
 * discover them. Of several addresses of a target, all are taken with `multipath`, else the one that was asked for.
 */
export async function chosenTargets(iscsi: Iscsi, config: DeviceConfig, multipath = false): Promise<ChosenTargets> {
  const asked = portalsOf(config);
  const chap = chapOf(config);
  const iqn = config.get('targetIQN') ?? '';
  const found = await discovered(iscsi, asked, chap, multipath || iqn === ALL);
  const fitting = found.filter((target) => iqn === ALL || target.iqn === iqn);
  if (fitting.length === 0) refuseWithTargets(found);
  const rank = ({ address }: FoundTarget): number => (asked.some(({ target }) => target === address) ? 0 : 1);
  fitting.sort((a, b) => rank(a) - rank(b));
  const iqns = [...new Set(fitting.map((target) => target.iqn))];
  const portals = multipath ? fitting : iqns.flatMap((name) => fitting.find((target) => target.iqn === name) ?? []);
  return { iqns, portals, login: { chap, isOneOfMany: portals.length > 1 } };
}

/** The logical unit of a configuration, by id, number or serial number. Without one that is there, it is refused with the list of all. */
export function chosenUnit<Unit extends FoundLun>(units: readonly Unit[], config: DeviceConfig): Unit {
  return units.find(isChosen(config)) ?? refuseWithLuns(units);
}

/** Whether a logical unit is the one that a configuration names. */
export function isChosen(config: DeviceConfig): (unit: FoundLun) => boolean {
  const [id, number, serial] = ['SCSIid', 'LUNid', 'LUNSerial'].map((key) => config.get(key) ?? '');
  return (unit) => {
    if (id !== '') return unit.scsiId === id;
    return number === '' ? serial !== '' && unit.serial === serial : String(unit.lun) === number;
  };
}

/** Whether a configuration names one logical unit. */
export function namesUnit(config: DeviceConfig): boolean {
  return ['SCSIid', 'LUNid', 'LUNSerial'].some((key) => config.get(key));
}

/** The targets that addresses tell of: the first that answers, or all of them, since some arrays tell of each at its own alone. */
async function discovered(
  iscsi: Iscsi,
  asked: readonly Portal[],
  chap: Chap | undefined,
  isForAll: boolean,
): Promise<readonly FoundTarget[]> {
  const found = new Map<string, FoundTarget>();
  const failures: unknown[] = [];
  let answers = 0;
  const ask = async (portal: Portal): Promise<void> => {
    try {
      for (const one of await iscsi.discover(portal, chap)) found.set([one.address, one.port, one.iqn].join(), one);
      answers += 1;
    } catch (thrown) {
      failures.push(thrown);
    }
  };
  if (isForAll) await Promise.all(asked.map(ask));
  else for (const portal of asked) if (answers === 0) await ask(portal);
  if (answers === 0) throw failures[0];
  return [...found.values()];
}

function chapOf(config: DeviceConfig): Chap | undefined {
  const own = credentialsIn(config, '');
  return own && { ...own, incoming: credentialsIn(config, 'incoming_') };
}

function credentialsIn(config: DeviceConfig, prefix: string): Credentials | undefined {
  const [user = '', password = ''] = [config.get(`${prefix}chapuser`), config.get(`${prefix}chappassword`)];
  if (user === '') return undefined;
  if (!WORD.test(user) || !WORD.test(password)) throw refusal('badParameter', 'User name or password for CHAP cannot be used');
  return { user, password };
}
