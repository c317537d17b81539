import { isUuid } from '../../../host/uuid-text.js';
import { ApiError } from '../../../model/error.js';
import { newRef, type Ref } from '../../../model/ref.js';
import { badFile } from '../../../wire/xva/file-error.js';
import type { ImportContext } from './context.js';
import type { FileRecord } from './file-objects.js';
import { isShippedTemplate } from './vm-record.js';

/** What becomes of a VM of the file. */
export interface NewVm {
  readonly record: FileRecord<'VM'>;
  /** The reference that it will have. */
  readonly ref: Ref<'VM'>;
  /** The VM whose place it takes in the end. */
  readonly replaces?: Ref<'VM'>;
}

/** What becomes of all VMs of the file. */
export interface VmChoices {
  readonly made: readonly NewVm[];
  /** Shipped templates that are here already and stand for those of the file. */
  readonly present: readonly Ref<'VM'>[];
}

/**
 * Decides what becomes of the VMs of the file. Shipped templates are there already; control domains belong to their hosts. Throws
 * VM_BAD_POWER_STATE and VM_TO_IMPORT_IS_NOT_NEWER_VERSION where one is to come back and cannot take the place of what is there.
 */
export function chooseVms(context: ImportContext): VmChoices {
  const { api, objects, refs } = context;
  const { db } = api;
  const made: NewVm[] = [];
  const present: Ref<'VM'>[] = [];
  for (const record of objects.of('VM')) {
    const { fields } = record;
    if (fields.is_control_domain) continue;
    const [same] = isShippedTemplate(fields) ? db.filter('VM', ({ name_label }) => name_label === fields.name_label) : [];
    if (same) {
      refs.set('VM', record.id, same[0]);
      present.push(same[0]);
    } else {
      const chosen = chooseVm(context, record);
      if (chosen) made.push(chosen);
    }
  }
  return { made, present };
}

function chooseVm({ api, options }: ImportContext, record: FileRecord<'VM'>): NewVm | undefined {
  const { uuid, version } = record.fields;
  const ref = newRef<'VM'>();
  if (!options.restore) return { record, ref };
  if (!isUuid(uuid)) throw badFile('a VM of the file has no uuid');
  const { db } = api;
  const replaces = db.table('VM').refsByUuid.get(uuid) as Ref<'VM'> | undefined;
  if (replaces === undefined) return { record, ref };
  const there = db.get('VM', replaces);
  if (there.power_state !== 'Halted') {
    if (!options.force) throw new ApiError('VM_BAD_POWER_STATE', replaces, 'halted', there.power_state.toLowerCase());
    api.log.warn({ vm: uuid }, 'a VM was not imported because the one that it would replace is not halted');
    return undefined;
  }
  if (there.version >= version && !options.force)
    throw new ApiError('VM_TO_IMPORT_IS_NOT_NEWER_VERSION', replaces, String(there.version), String(version));
  return { record, ref, replaces };
}
