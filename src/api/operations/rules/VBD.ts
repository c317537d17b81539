import type { Database } from '../../../db/database.js';
import { ApiError } from '../../../model/error.js';
import { isNullRef } from '../../../model/ref.js';
import type { Fields } from '../../../model/types.js';
import { canPlugDisks } from '../../storage/disk-hotplug.js';
import { inProgress } from '../operations.js';
import type { OperationOf, OperationRules } from '../rule.js';

type Operation = OperationOf<'VBD'>;

/** A VBD with what surrounds it, looked up once for all checks of one operation. */
interface Situation {
  readonly db: Database;
  readonly ref: string;
  readonly vbd: Fields<'VBD'>;
  readonly vm: Fields<'VM'>;
  readonly vdi: Fields<'VDI'> | undefined;
  readonly operation: Operation;
  readonly aboutToRun: boolean;
}

type Check = (situation: Situation) => ApiError | undefined;

const PLUGS: ReadonlySet<Operation> = new Set(['plug', 'unplug', 'unplug_force']);
const UNPLUGS: ReadonlySet<Operation> = new Set(['unplug', 'unplug_force']);
const MEDIUM: ReadonlySet<Operation> = new Set(['insert', 'eject']);
const PAUSES: ReadonlySet<Operation> = new Set(['pause', 'unpause']);
const OPENS: ReadonlySet<Operation> = new Set(['attach', 'plug', 'insert']);
const ENDING: ReadonlySet<string> = new Set(['clean_shutdown', 'hard_shutdown', 'suspend', 'pause']);

const busy: Check = ({ ref, vbd, operation }) => {
  for (const [task, current] of vbd.current_operations) {
    if (PAUSES.has(operation) && PAUSES.has(current)) continue;
    // A reboot attaches drives while disk access is held back.
    if (operation === 'unpause' && current === 'attach') continue;
    return inProgress('VBD', ref, current, task);
  }
  return undefined;
};

const wrongDrive: Check = ({ ref, vbd, operation }) => {
  if (UNPLUGS.has(operation) && !vbd.unpluggable) return new ApiError('VBD_NOT_UNPLUGGABLE', ref);
  if (!MEDIUM.has(operation)) return undefined;
  if (vbd.type !== 'CD') return new ApiError('VBD_NOT_REMOVABLE_MEDIA', ref);
  if (operation === 'eject') return vbd.empty ? new ApiError('VBD_IS_EMPTY', ref) : undefined;
  return vbd.empty ? undefined : new ApiError('VBD_NOT_EMPTY', ref);
};

const wrongPower: Check = ({ ref, vbd, vm, operation }) => {
  if (vm.power_state === 'Running') {
    const plugged = vbd.currently_attached || vbd.reserved;
    if (operation === 'plug' && plugged) return new ApiError('DEVICE_ALREADY_ATTACHED', ref);
    return UNPLUGS.has(operation) && !plugged ? new ApiError('DEVICE_ALREADY_DETACHED', ref) : undefined;
  }
  const refusal = PLUGS.has(operation) || (PAUSES.has(operation) && vm.power_state !== 'Paused');
  return refusal ? new ApiError('VM_BAD_POWER_STATE', vbd.VM, 'running', vm.power_state.toLowerCase()) : undefined;
};

const vmEnding: Check = ({ vbd, vm, operation }) => {
  if (operation !== 'plug' && operation !== 'unplug') return undefined;
  for (const current of vm.current_operations.values())
    if (ENDING.has(current)) return new ApiError('OPERATION_NOT_ALLOWED', `Current operation on VM:${vbd.VM} is ${current}`);
  return undefined;
};

const guestUnable: Check = ({ db, vbd, vm, operation }) => {
  if (!PLUGS.has(operation) || vm.power_state !== 'Running') return undefined;
  return canPlugDisks(db, vbd.VM, vm, vbd.type);
};

const suspendedDrive: Check = ({ vbd, vm, operation }) =>
  MEDIUM.has(operation) && vm.power_state === 'Suspended'
    ? new ApiError('VM_BAD_POWER_STATE', vbd.VM, 'halted, running', 'suspended')
    : undefined;

const diskUnusable: Check = ({ ref, vbd, vdi, operation }) => {
  if (!vdi) return undefined;
  if (!vdi.managed) return new ApiError('VDI_NOT_MANAGED', ref);
  if (!OPENS.has(operation)) return undefined;
  for (const [task, current] of vdi.current_operations)
    if (current !== 'mirror' && current !== 'copy') return inProgress('VDI', vbd.VDI, current, task);
  return undefined;
};

function isSystemDomain(vm: Fields<'VM'> | undefined): boolean {
  return vm !== undefined && (vm.is_control_domain || vm.other_config.get('is_system_domain') === 'true');
}

const diskShared: Check = ({ db, ref, vbd, vm, vdi, operation, aboutToRun }) => {
  if (!aboutToRun || !OPENS.has(operation) || !vdi || vbd.currently_attached) return undefined;
  const writes = vbd.mode === 'RW';
  const others = vdi.VBDs.flatMap((other) => {
    const fields = other === ref ? undefined : db.find('VBD', other)?.fields;
    if (!fields || !(fields.currently_attached || fields.reserved || fields.current_operations.size)) return [];
    const owner = db.find('VM', fields.VM)?.fields;
    return owner?.power_state === 'Suspended' || isSystemDomain(owner) ? [] : [fields];
  });
  const clash = others.some((other) => other.mode === 'RW') || (writes && others.length > 0);
  if (clash && !vdi.sharable && !isSystemDomain(vm)) return new ApiError('VDI_IN_USE', vbd.VDI);
  return writes && vdi.read_only ? new ApiError('VDI_READONLY', vbd.VDI) : undefined;
};

const CHECKS: readonly Check[] = [busy, wrongDrive, wrongPower, vmEnding, guestUnable, suspendedDrive, diskUnusable, diskShared];

/** When the operations of a VBD may be done. */
export const vbdRules: OperationRules<'VBD'> = {
  className: 'VBD',
  advertised: ['attach', 'eject', 'unplug', 'unplug_force', 'insert', 'plug', 'pause', 'unpause'],
  inputs: ['VM', 'VDI', 'type', 'mode', 'unpluggable', 'empty', 'currently_attached', 'reserved'],
  check: (db, ref, vbd, operation, aboutToRun) => {
    const vm = db.find('VM', vbd.VM)?.fields;
    if (!vm) return new ApiError('HANDLE_INVALID', 'VM', vbd.VM);
    const vdi = vbd.empty ? undefined : db.find('VDI', vbd.VDI)?.fields;
    if (!vbd.empty && !vdi) return new ApiError('HANDLE_INVALID', 'VDI', vbd.VDI);
    const situation: Situation = { db, ref, vbd, vm, vdi, operation, aboutToRun };
    for (const check of CHECKS) {
      const reason = check(situation);
      if (reason) return reason;
    }
    return undefined;
  },
  *dependents(_db, _ref, vbd) {
    if (!isNullRef(vbd.VDI)) yield ['VDI', vbd.VDI];
  },
};
