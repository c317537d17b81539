import type { Database } from '../../../../db/database.js';
import type { ErrorCode } from '../../../../model/error.js';
import { isNullRef } from '../../../../model/ref.js';
import type { VmFields, VmOperation } from './facts.js';

const MOVING: ReadonlySet<VmOperation> = new Set(['suspend', 'checkpoint', 'pool_migrate', 'migrate_send']);
const SAVING: ReadonlySet<VmOperation> = new Set(['checkpoint', 'snapshot', 'suspend', 'snapshot_with_quiesce']);
const HELD_BY_USB: ReadonlySet<VmOperation> = new Set([...MOVING, 'snapshot']);

/** What is attached to the VM that an operation cannot take along: the code of the error. */
export function attachmentRefusal(db: Database, vm: VmFields, operation: VmOperation): ErrorCode | undefined {
  if ((SAVING.has(operation) || operation === 'pool_migrate') && vm.VBDs.length && resets(db, vm, operation))
    return 'VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION';
  if (MOVING.has(operation)) {
    if (vm.attached_PCIs.length && passesThrough(db, vm)) return 'VM_HAS_PCI_ATTACHED';
    if (vm.VGPUs.length && gpuHolds(db, vm, operation)) return 'VM_HAS_VGPU';
  }
  if (vm.VUSBs.length && HELD_BY_USB.has(operation)) return 'VM_HAS_VUSBS';
  return undefined;
}

/** A disk that loses its content at each boot cannot be saved; a cached one of the kind cannot move either. */
function resets(db: Database, vm: VmFields, operation: VmOperation): boolean {
  return vm.VBDs.some((vbd) => {
    const vdi = db.find('VBD', vbd)?.fields.VDI;
    const config = vdi !== undefined && !isNullRef(vdi) ? db.find('VDI', vdi)?.fields.sm_config : undefined;
    if (config?.get('on_boot') !== 'reset') return false;
    return operation !== 'pool_migrate' || ['1', 'true'].includes((config.get('caching') ?? '').toLowerCase());
  });
}

/** Whether a PCI device belongs to the VM other than as the virtual function behind one of its vGPUs. */
function passesThrough(db: Database, vm: VmFields): boolean {
  const behindGpus = new Set<string>();
  for (const ref of vm.VGPUs) {
    const vgpu = db.find('VGPU', ref)?.fields;
    if (vgpu && db.find('VGPU_type', vgpu.type)?.fields.implementation === 'nvidia_sriov') behindGpus.add(vgpu.PCI);
  }
  return vm.attached_PCIs.some((pci) => !behindGpus.has(pci));
}

/** vGPUs stay where they are unless the driver of every one of them can save its state. */
function gpuHolds(db: Database, vm: VmFields, operation: VmOperation): boolean {
  if (operation === 'migrate_send' && vm.power_state === 'Halted') return false;
  if (operation === 'checkpoint' && vm.power_state === 'Suspended') return false;
  return !vm.VGPUs.every((ref) => {
    const vgpu = db.find('VGPU', ref)?.fields;
    const kind = vgpu && db.find('VGPU_type', vgpu.type)?.fields.implementation;
    if (!vgpu || (kind !== 'nvidia' && kind !== 'nvidia_sriov')) return false;
    return db.find('PGPU', vgpu.resident_on)?.fields.compatibility_metadata.has('nvidia') ?? false;
  });
}
