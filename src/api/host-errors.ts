import type { Database } from '../db/database.js';
import { ApiError, type ErrorCode } from '../model/error.js';
import type { ClassName } from '../model/types.js';

/** Refusals of hosts that name objects; the rest goes out as it is, uuids in them are meant. */
const NAMES_OBJECTS: ReadonlySet<ErrorCode> = new Set([
  'SR_NOT_ATTACHED',
  'SR_OPERATION_NOT_SUPPORTED',
  'VDI_MISSING',
  'VDI_READONLY',
  'VDI_TOO_SMALL',
  'VDI_IN_USE',
  'VBD_IS_EMPTY',
  'VBD_NOT_EMPTY',
  'VBD_NOT_REMOVABLE_MEDIA',
  'VBD_TRAY_LOCKED',
  'VM_BAD_POWER_STATE',
  'VM_HALTED',
  'VM_REBOOTED',
  'VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT',
  'VM_NOT_RESIDENT_HERE',
  'VM_MIGRATE_FAILED',
  'VM_NO_VCPUS',
  'VM_PCI_BUS_FULL',
  'BOOTLOADER_FAILED',
  'UNKNOWN_BOOTLOADER',
  'SUSPEND_IMAGE_NOT_ACCESSIBLE',
  'HOST_OFFLINE',
  'VM_MISSING_PV_DRIVERS',
  'DEVICE_ALREADY_ATTACHED',
  'DEVICE_ALREADY_DETACHED',
  'DEVICE_NOT_ATTACHED',
  'DEVICE_DETACH_REJECTED',
  'DEVICE_DETACH_TIMEOUT',
]);

const CLASSES: readonly ClassName[] = ['SR', 'VDI', 'VBD', 'VIF', 'VM', 'host'];

/** A host's refusal as clients know it: hosts name objects by their uuids, clients by references. */
export function withReferences(db: Database, thrown: unknown): unknown {
  if (!(thrown instanceof ApiError) || !NAMES_OBJECTS.has(thrown.code)) return thrown;
  const params = thrown.params.map((param) => {
    for (const name of CLASSES) {
      const ref = db.table(name).refsByUuid.get(param);
      if (ref !== undefined) return ref;
    }
    return param;
  });
  return new ApiError(thrown.code, ...params);
}

/** Does work on a host; what it refuses names objects by reference. */
export async function onHost<T>(db: Database, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw withReferences(db, thrown);
  }
}
