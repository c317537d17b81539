import { setTimeout as sleep } from 'node:timers/promises';
import { isUuid } from '../../../host/uuid-text.js';
import type { Ref } from '../../../model/ref.js';
import { badFile } from '../../../wire/xva/file-error.js';
import { replaceVms } from '../../classes/VM/destroy.js';
import { type Target, target } from '../../operations/operations.js';
import type { OperableClass } from '../../operations/rule.js';
import type { NewVm } from './choose-vms.js';
import { type ImportContext, UNFINISHED_KEY } from './context.js';
import { tpmOf } from './device-records.js';
import type { MadeDevices } from './write-records.js';

/**
 * Milliseconds between the end of a VM and the moment when another one gets its uuid: clients that know objects by their uuids must hear
 * of the one before the other, and events of one moment tell of ends last.
 */
const HEARD = 300;

/**
 * Hands what an import has made over to its owner. VMs that take the place of others end these now and get their uuids. `held` are the
 * operations that the import has on what it made; `make` makes records that are not there yet, in the transaction that ends the others.
 */
export async function finishImport(
  context: ImportContext,
  vms: readonly NewVm[],
  held: readonly Target<OperableClass>[],
  make: () => MadeDevices,
): Promise<void> {
  const { api, task } = context;
  const { db } = api;
  const replaced = vms.flatMap(({ replaces }) => replaces ?? []);
  const destroying = replaced.map((vm) => target('VM', vm, 'destroy'));
  await api.operations.run(task, destroying, async () => {
    let devices: MadeDevices | undefined;
    await replaceVms(api, replaced, () => {
      devices = make();
      handOver(context, vms);
      if (replaced.length === 0) api.operations.end(task, held);
    });
    if (replaced.length === 0 || !devices) return;
    const made = devices;
    await db.durable();
    await sleep(HEARD);
    db.transaction(() => {
      restoreUuids(context, vms, made);
      api.operations.end(task, held);
    });
  });
}

/**
 * Gives VMs and devices that come back their old uuids, as far as nobody has them. Called when they are made, so that clients do not see
 * others first, and again when those that they replace are gone.
 */
export function restoreUuids(
  { api: { db }, options }: Pick<ImportContext, 'api' | 'options'>,
  vms: readonly NewVm[],
  { drives, cards, tpms }: MadeDevices,
): void {
  if (!options.restore) return;
  const restore = (className: 'VM' | 'VBD' | 'VIF' | 'VTPM', ref: string, uuid: string) => {
    if (isUuid(uuid) && db.exists(className, ref) && !db.table(className).refsByUuid.has(uuid)) db.set(className, ref, { uuid });
  };
  for (const { ref, record } of vms) restore('VM', ref, record.fields.uuid);
  for (const [{ fields }, ref] of drives) restore('VBD', ref, fields.uuid);
  for (const [{ fields }, ref] of cards) restore('VIF', ref, fields.uuid);
  for (const [record, ref] of tpms) restore('VTPM', ref, tpmOf(record).uuid);
}

/** Takes the mark off that says that VMs are still being made. Throws IMPORT_ERROR where one that comes back could not get its uuid. */
function handOver({ api: { db }, options }: ImportContext, vms: readonly NewVm[]): void {
  for (const { ref, record, replaces } of vms) {
    const { uuid, other_config } = db.get('VM', ref);
    if (options.restore && replaces === undefined && uuid !== record.fields.uuid)
      throw badFile(`there is another VM ${record.fields.uuid}`);
    const config = new Map(other_config);
    config.delete(UNFINISHED_KEY);
    db.set('VM', ref, { other_config: config });
  }
}

/** VMs for the result of an import: snapshots only where there is nothing else. */
export function resultOf({ api: { db } }: Pick<ImportContext, 'api'>, vms: readonly Ref<'VM'>[]): Ref<'VM'>[] {
  const all = [...new Set(vms)];
  const whole = all.filter((vm) => !db.get('VM', vm).is_a_snapshot);
  return whole.length ? whole : all;
}
