import type { Ref } from '../../../../model/ref.js';
import { NULL_REF } from '../../../../model/ref.js';
import type { EnumValue } from '../../../../model/types.js';
import type { Call } from '../../../call.js';
import { target } from '../../../operations/operations.js';

/** What work on a VM needs of a call. */
export type Work = Pick<Call, 'api' | 'task'>;

/**
 * Does work for which a place on a host was chosen. From the choice until the work has ended the VM counts there, so that
 * two VMs never get the same memory: `choose` and what follows it up to the first wait are one step.
 */
export async function withPlace<T>(
  { api, task }: Work,
  vm: Ref<'VM'>,
  operation: EnumValue<'host_allowed_operations'>,
  choose: () => Ref<'host'>,
  work: (host: Ref<'host'>) => Promise<T>,
): Promise<T> {
  const { db } = api;
  const host = choose();
  db.set('VM', vm, { scheduled_to_be_resident_on: host });
  try {
    return await api.operations.run(task, [target('host', host, operation)], () => work(host), 'none');
  } finally {
    if (db.exists('VM', vm)) db.set('VM', vm, { scheduled_to_be_resident_on: NULL_REF });
  }
}

/**
 * Holds the devices of a VM while a domain is made of it, so that nobody takes a disk away meanwhile: every drive with a
 * disk in it and, where the domain is a new one, every network card.
 */
export function withDevices<T>({ api, task }: Work, vm: Ref<'VM'>, which: 'disks' | 'all', work: () => Promise<T>): Promise<T> {
  const { db, operations } = api;
  const { VBDs, VIFs } = db.get('VM', vm);
  const disks = VBDs.filter((vbd) => !db.get('VBD', vbd).empty).map((vbd) => target('VBD', vbd, 'attach'));
  const nics = which === 'all' ? VIFs.map((vif) => target('VIF', vif, 'attach')) : [];
  return operations.run(task, disks, () => operations.run(task, nics, work), 'quick');
}
