import type { Database } from '../../db/database.js';
import { ApiError } from '../../model/error.js';
import type { Fields } from '../../model/types.js';

/** Drives that a VM can have; one more on a host's own domain. */
const LAST_POSITION = 254;
/** Positions have at most seven digits: more than any bus numbers. */
const POSITION = /^\d{1,7}$/;
const LINUX_NAME = /^(xvd|hd|sd)([a-z]{1,4})$/;

/**
 * Position of a drive from what clients write for it: a number, or a name like `xvda`, `hda`, `sda`. Undefined for
 * anything else.
 */
export function positionOf(device: string): number | undefined {
  if (POSITION.test(device)) return Number(device);
  const letters = LINUX_NAME.exec(device)?.[2];
  if (letters === undefined) return undefined;
  let position = 0;
  for (const letter of letters) position = position * 26 + (letter.charCodeAt(0) - 96);
  return position - 1;
}

/** Positions of the drives that a VM has, from both fields that name them. */
function takenPositions(db: Database, vm: Fields<'VM'>): Set<number> {
  const taken = new Set<number>();
  for (const ref of vm.VBDs) {
    const vbd = db.find('VBD', ref)?.fields;
    for (const device of vbd ? [vbd.userdevice, vbd.device] : []) {
      const position = positionOf(device);
      if (position !== undefined) taken.add(position);
    }
  }
  return taken;
}

/** Free positions for a drive of a VM, as decimal numbers, the lowest first. */
export function freePositions(db: Database, vm: Fields<'VM'>): string[] {
  const taken = takenPositions(db, vm);
  const last = vm.is_control_domain ? LAST_POSITION + 1 : LAST_POSITION;
  const free: string[] = [];
  for (let position = 0; position <= last; position++) if (!taken.has(position)) free.push(String(position));
  return free;
}

/**
 * The position under which a new drive is kept: decimal, whatever spelling the client chose, for clients read it as a
 * number. Throws INVALID_DEVICE and DEVICE_ALREADY_EXISTS with the client's spelling.
 */
export function choosePosition(db: Database, vm: Fields<'VM'>, device: string): string {
  if (device === 'autodetect') {
    const [first] = freePositions(db, vm);
    if (first === undefined) throw new ApiError('INVALID_DEVICE', device);
    return first;
  }
  const position = positionOf(device);
  if (position === undefined) throw new ApiError('INVALID_DEVICE', device);
  if (takenPositions(db, vm).has(position)) throw new ApiError('DEVICE_ALREADY_EXISTS', device);
  return String(position);
}
