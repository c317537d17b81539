import type { Database } from '../../db/database.js';
import { ApiError } from '../../model/error.js';
import { newRef, type Ref } from '../../model/ref.js';
import type { ConstructorArguments } from '../../model/types.js';

const STANDARD_MTU = 1500;
/** Longest name that a network device can have. */
const BRIDGE_LENGTH = 15;
/** Beginnings of names of devices that are something else. */
const NOT_BRIDGES = ['xen', 'xapi', 'vif', 'tap', 'eth'];
const BRIDGE = 'xapi';

/** Whether a client may choose this name for the bridge of a network. */
export function isBridgeName(name: string): boolean {
  return name.length <= BRIDGE_LENGTH && !NOT_BRIDGES.some((start) => name.startsWith(start));
}

/** Makes a network; without the name of a bridge it gets a free one. Throws BRIDGE_NAME_EXISTS. */
export function createNetwork(
  db: Database,
  given: ConstructorArguments<'network'>,
  ref: Ref<'network'> = newRef(),
): Ref<'network'> {
  const taken = new Set([...db.all('network')].map(([, { bridge }]) => bridge));
  const { bridge } = given;
  if (bridge !== '' && taken.has(bridge)) throw new ApiError('BRIDGE_NAME_EXISTS', bridge);
  return db.create(
    'network',
    {
      ...given,
      MTU: given.MTU > 0 ? given.MTU : STANDARD_MTU,
      bridge: bridge === '' ? freeBridge(taken) : bridge,
    },
    ref,
  );
}

function freeBridge(taken: ReadonlySet<string>): string {
  let number = 0;
  while (taken.has(`${BRIDGE}${number}`)) number++;
  return `${BRIDGE}${number}`;
}
