import { v4 } from 'uuid';
import type { Patch } from '../../../db/database.js';
import { ApiError } from '../../../model/error.js';
import { isNullRef, NULL_REF, type Ref } from '../../../model/ref.js';
import type { Fields } from '../../../model/types.js';
import { createVm } from '../../classes/VM/create.js';
import { freshGenerationId } from '../../classes/VM/generation-id.js';
import { IMPORT_TASK_KEY, type ImportContext, UNFINISHED_KEY } from './context.js';
import type { FileRecord } from './file-objects.js';

/** Whether VMs of a file are shipped templates. */
export function isShippedTemplate({ is_default_template, is_a_template, other_config }: Fields<'VM'>): boolean {
  return is_default_template || (is_a_template && other_config.get('default_template') === 'true');
}

/**
 * Makes the record of a VM of the file, halted or suspended, without devices. Links between VMs still lead nowhere. Belongs into the
 * transaction of the import. Throws IMPORT_ERROR_FAILED_TO_FIND_OBJECT where the memory of a suspended one is not there.
 */
export function recordVm(context: ImportContext, record: FileRecord<'VM'>, ref: Ref<'VM'>): void {
  const { api, task, objects, refs, options } = context;
  const { db } = api;
  const { fields } = record;
  const version = options.restore ? fields.version + 1 : 0;
  const vm = createVm(
    { api },
    {
      ...fields,
      ...memoryOf(record),
      ...startOrder(fields),
      power_state: 'Halted',
      suspend_VDI: NULL_REF,
      suspend_SR: NULL_REF,
      appliance: NULL_REF,
      affinity: refs.find('host', fields.affinity) ?? NULL_REF,
      version,
      // Guests of before know nothing of the device.
      has_vendor_device: record.raw.has('has_vendor_device') && fields.has_vendor_device,
      other_config: otherConfig(context, fields),
      generation_id: fields.is_a_template ? fields.generation_id : freshGenerationId(fields.generation_id),
    },
    undefined,
    ref,
  );
  const { metrics } = db.get('VM', vm);
  const told = objects.find('VM_metrics', fields.metrics);
  if (told) db.set('VM_metrics', metrics, withoutUuid(told.fields));
  const guest = objects.find('VM_guest_metrics', fields.guest_metrics);
  db.set('VM', vm, {
    last_booted_record: fields.last_booted_record,
    last_boot_CPU_flags: fields.last_boot_CPU_flags,
    bios_strings: fields.bios_strings,
    is_default_template: options.force && fields.is_default_template,
    is_a_snapshot: fields.is_a_snapshot,
    snapshot_info: fields.snapshot_info,
    snapshot_time: fields.snapshot_time,
    snapshot_metadata: fields.snapshot_metadata,
    transportable_snapshot_id: fields.transportable_snapshot_id,
    guest_metrics: guest ? db.create('VM_guest_metrics', withoutUuid(guest.fields)) : NULL_REF,
    ...suspended(context, fields),
  });
  if (fields.power_state === 'Suspended') db.set('VM_metrics', metrics, { current_domain_type: db.get('VM', vm).domain_type });
  refs.set('VM', record.id, vm);
  api.log.debug({ vm, task: task.ref, from: record.id }, 'a VM of a file was made');
}

/** Joins the snapshots of the file with their VMs. Throws IMPORT_ERROR_FAILED_TO_FIND_OBJECT where a VM is not there. */
export function linkVms({ api: { db }, objects, refs }: ImportContext): void {
  for (const { id, fields } of objects.of('VM')) {
    const vm = refs.find('VM', id);
    if (vm === undefined) continue;
    const parent = refs.find('VM', fields.parent);
    if (parent !== undefined) db.set('VM', vm, { parent });
    if (!fields.is_a_snapshot || isNullRef(fields.snapshot_of)) continue;
    const origin = refs.find('VM', fields.snapshot_of);
    if (origin === undefined) throw new ApiError('IMPORT_ERROR_FAILED_TO_FIND_OBJECT', fields.snapshot_of);
    db.set('VM', vm, { snapshot_of: origin });
  }
}

function suspended({ refs, options }: ImportContext, fields: Fields<'VM'>): Patch<'VM'> {
  if (fields.power_state !== 'Suspended') return {};
  const image = refs.find('VDI', fields.suspend_VDI);
  if (image !== undefined) return { power_state: 'Suspended', suspend_VDI: image };
  if (options.force) return {};
  throw new ApiError('IMPORT_ERROR_FAILED_TO_FIND_OBJECT', fields.suspend_VDI);
}

/** Lets guests into the API of the original. Gone for long, but files of its time have it. */
const GUEST_ACCESS_KEY = 'grant_api_access';

function otherConfig({ task, options }: ImportContext, { other_config }: Fields<'VM'>): ReadonlyMap<string, string> {
  const config = new Map(other_config);
  config.delete(GUEST_ACCESS_KEY);
  if (!options.force) config.delete('default_template');
  if (!options.restore) config.set('mac_seed', v4());
  config.set(IMPORT_TASK_KEY, task.ref);
  config.set(UNFINISHED_KEY, 'true');
  return config;
}

/** Files from before memory could change while a VM runs have bounds that mean nothing. */
function memoryOf({
  fields,
  raw,
}: FileRecord<'VM'>): Pick<Fields<'VM'>, 'memory_static_min' | 'memory_dynamic_min' | 'memory_dynamic_max' | 'memory_target'> {
  const { memory_static_max: most, memory_static_min, memory_dynamic_min, memory_dynamic_max, memory_target } = fields;
  if (raw.has('parent')) return { memory_static_min, memory_dynamic_min, memory_dynamic_max, memory_target };
  return {
    memory_static_min: Math.min(memory_static_min, most),
    memory_dynamic_min: most,
    memory_dynamic_max: most,
    memory_target: most,
  };
}

/** Old files have the order of starts in place of the priority. */
function startOrder({ ha_restart_priority, order }: Fields<'VM'>): Pick<Fields<'VM'>, 'ha_restart_priority' | 'order'> {
  if (!/^[0-3]$/.test(ha_restart_priority)) return { ha_restart_priority, order };
  return { ha_restart_priority: 'restart', order: Number(ha_restart_priority) };
}

function withoutUuid<F extends { readonly uuid: string }>({ uuid: _, ...rest }: F): Omit<F, 'uuid'> {
  return rest;
}
