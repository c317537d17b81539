import type { Database } from '../../../db/database.js';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { ConstructorArguments, Fields } from '../../../model/types.js';
import type { ClassBehaviour, Handler } from '../../behaviour.js';
import type { Call } from '../../call.js';
import { inProgress } from '../../operations/operations.js';
import { choosePosition, positionOf } from '../../storage/device-numbers.js';
import { assertKeepsVmMobile } from '../../storage/mobility.js';
import { recordVbd, removeVbdRecord } from '../../storage/vbd-record.js';

/** Kinds of disk that a VM may have: not those that the pool itself works with. */
const USABLE: ReadonlySet<Fields<'VDI'>['type']> = new Set([
  'system',
  'user',
  'ephemeral',
  'suspend',
  'crashdump',
  'metadata',
  'rrd',
  'pvs_cache',
]);

/** Key by which a disk's driver asks for a kind of its own of the drive. */
const BACKEND_KIND = 'backend-kind';

/** VBD.create: a record; a running VM gets the drive by `plug`. */
export function createVbd({ api: { db } }: Pick<Call, 'api'>, given: ConstructorArguments<'VBD'>): Ref<'VBD'> {
  const vm = db.get('VM', given.VM);
  const vdi = given.empty ? undefined : db.get('VDI', given.VDI);
  assertFits(given, vdi);
  for (const [task, operation] of vm.current_operations)
    if (operation === 'migrate_send' || operation === 'pool_migrate') throw inProgress('VM', given.VM, operation, task);
  const position = choosePosition(db, vm, given.userdevice);
  if (vdi) assertKeepsVmMobile(db, vm, vdi);
  const backend = db.find('VDI', given.VDI)?.fields.sm_config.get(BACKEND_KIND);
  const suspended = vm.power_state === 'Suspended';
  return recordVbd(db, {
    ...given,
    userdevice: position,
    device: suspended ? given.device : '',
    currently_attached: suspended && given.currently_attached,
    ...(backend !== undefined && { other_config: new Map([...given.other_config, [BACKEND_KIND, backend]]) }),
  });
}

function assertFits(given: ConstructorArguments<'VBD'>, vdi: Fields<'VDI'> | undefined): void {
  if (vdi && !USABLE.has(vdi.type)) throw new ApiError('VDI_INCOMPATIBLE_TYPE', given.VDI, vdi.type);
  if (given.type === 'CD' && given.mode !== 'RO') throw new ApiError('VBD_CDS_MUST_BE_READONLY');
  if (given.type !== 'CD' && given.empty) throw new ApiError('VBD_NOT_REMOVABLE_MEDIA', 'in constructor');
  if (given.mode === 'RW' && vdi?.read_only) throw new ApiError('VDI_READONLY', given.VDI);
  assertKnownKind(given.type);
}

function assertKnownKind(type: Fields<'VBD'>['type']): void {
  if (type === 'Floppy') throw new ApiError('NOT_IMPLEMENTED', "VBD of type 'floppy' is not supported");
}

/** VBD.destroy: refused while the drive is attached. */
export function destroyVbd({ api: { db } }: Call, self: Ref<'VBD'>): void {
  const { uuid, currently_attached, reserved, VM } = db.get('VBD', self);
  if (currently_attached || reserved) {
    const owner = db.find('VM', VM)?.fields.uuid ?? VM;
    throw new ApiError('OPERATION_NOT_ALLOWED', `VBD '${uuid}' still attached to '${owner}'`);
  }
  removeVbdRecord(db, self);
}

/** VBD.set_mode: for a VM that is off. */
export const setMode: Handler<'VBD', 'set_mode'> = ({ api: { db } }, self, mode) => {
  const vbd = db.get('VBD', self);
  assertHalted(db, vbd.VM);
  if (vbd.type === 'CD' && mode !== 'RO') throw new ApiError('VBD_CDS_MUST_BE_READONLY');
  db.set('VBD', self, { mode });
};

function assertHalted(db: Database, vm: Ref<'VM'>): void {
  const { power_state } = db.get('VM', vm);
  if (power_state !== 'Halted') throw new ApiError('VM_BAD_POWER_STATE', vm, 'halted', power_state.toLowerCase());
}

/** Writes that need a look at the value. */
export const setters: NonNullable<ClassBehaviour<'VBD'>['setters']> = {
  userdevice: ({ api: { db } }, self, device) => {
    // Positions stay decimal; another text is kept as it is, as with the original, and refused at the start.
    db.set('VBD', self, { userdevice: String(positionOf(device) ?? device) });
  },
  type: ({ api: { db } }, self, type) => {
    assertKnownKind(type);
    db.set('VBD', self, { type });
  },
};
