import type { FoundDomain } from '../../host/compute.js';
import { toDateTime } from '../../model/datetime.js';
import { NULL_REF, type Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { memoryOverhead } from '../classes/VM/memory-overhead.js';
import { followCards, followDrives, NO_DEVICES } from './found-devices.js';
import { findVdis } from './found-disks.js';
import { domainFields } from './vm-fields.js';

/** What VM_metrics of a VM hold that never ran: one virtual CPU without load, as old clients expect. */
const UNUSED: ReadonlyMap<number, number> = new Map([[0, 0]]);

/**
 * Makes a VM of a domain that somebody made on the host, with its disks, cards and uuid. It is halted; the caller writes what becomes
 * of it. Resolves with the VM that is there when it was made meanwhile.
 */
export async function adoptDomain(api: Api, host: Ref<'host'>, found: FoundDomain): Promise<Ref<'VM'>> {
  const { db } = api;
  const vdis = await findVdis(api, host, found.disks);
  const known = db.table('VM').refsByUuid.get(found.uuid) as Ref<'VM'> | undefined;
  if (known) return known;
  const vm = db.transaction(() => {
    const settings = domainFields(found);
    const memory_static_min = Math.min(settings.memory_dynamic_min, settings.memory_static_max);
    const made = db.create('VM', {
      ...settings,
      memory_static_min,
      uuid: found.uuid,
      domid: -1,
      user_version: 1,
      affinity: host,
      // From this addresses of further cards are made; the same ones if the domain is ever found anew.
      other_config: new Map([['mac_seed', found.uuid]]),
      suspend_VDI: NULL_REF,
      metrics: db.create('VM_metrics', { install_time: toDateTime(), VCPUs_utilisation: UNUSED }),
      memory_overhead: memoryOverhead({ ...settings, HVM_shadow_multiplier: 1 }),
    });
    followDrives(db, { vm: made, before: NO_DEVICES, now: found, lives: false }, vdis);
    followCards(db, { vm: made, before: NO_DEVICES, now: found, lives: false });
    return made;
  });
  api.log.info({ uuid: found.uuid }, 'a domain that was not known appeared as a VM');
  return vm;
}
