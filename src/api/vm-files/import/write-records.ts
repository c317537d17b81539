import type { Ref } from '../../../model/ref.js';
import { createNetwork, isBridgeName } from '../../network/create.js';
import type { NewVm } from './choose-vms.js';
import { IMPORT_TASK_KEY, type ImportContext } from './context.js';
import { recordCard, recordDrive, recordGpu, recordProxy, recordTpm, tpmOf } from './device-records.js';
import type { FileRecord } from './file-objects.js';
import { restoreUuids } from './finish.js';
import { settingsOf } from './settings.js';
import { linkVms, recordVm } from './vm-record.js';

/** A network that the file has and the pool not. */
export interface NewNetwork {
  readonly record: FileRecord<'network'>;
  readonly ref: Ref<'network'>;
}

/** What is to be made. */
export interface NewRecords {
  readonly vms: readonly NewVm[];
  readonly networks: readonly NewNetwork[];
}

/** Devices that have been made, by the ids of the file. */
export interface MadeDevices {
  readonly drives: ReadonlyMap<FileRecord<'VBD'>, Ref<'VBD'>>;
  readonly cards: ReadonlyMap<FileRecord<'VIF'>, Ref<'VIF'>>;
  readonly tpms: ReadonlyMap<FileRecord<'VTPM'>, Ref<'VTPM'>>;
}

/**
 * Makes the records of networks, VMs and their devices. Disks must have been made or found. Belongs into a transaction: where it
 * throws, nothing may stay.
 */
export function writeRecords(context: ImportContext, { vms, networks }: NewRecords): MadeDevices {
  const { api, task, objects, refs } = context;
  const { db } = api;
  for (const { record, ref } of networks) {
    const { fields } = record;
    const bridge = isBridgeName(fields.bridge) ? fields.bridge : '';
    const config = new Map([...fields.other_config, [IMPORT_TASK_KEY, task.ref]]);
    refs.set('network', record.id, createNetwork(db, { ...settingsOf('network', fields), bridge, other_config: config }, ref));
  }
  for (const { record, ref } of vms) recordVm(context, record, ref);
  linkVms(context);
  const made: ReadonlySet<string> = new Set(vms.map(({ record }) => record.id));
  // Devices of VMs that are not made are not made either; those of no VM of the file are refused where they are made.
  const wanted = (owner: string) => made.has(owner) || !objects.of('VM').some(({ id }) => id === owner);
  const drives = new Map<FileRecord<'VBD'>, Ref<'VBD'>>();
  for (const record of objects.of('VBD')) {
    const drive = wanted(record.fields.VM) ? recordDrive(context, record) : undefined;
    if (drive !== undefined) drives.set(record, drive);
  }
  const cards = new Map<FileRecord<'VIF'>, Ref<'VIF'>>();
  for (const record of objects.of('VIF')) if (wanted(record.fields.VM)) cards.set(record, recordCard(context, record));
  for (const record of objects.of('VGPU')) if (wanted(record.fields.VM)) recordGpu(context, record);
  for (const record of objects.of('PVS_proxy')) {
    const card = cards.get(objects.get('VIF', record.fields.VIF));
    if (card !== undefined) recordProxy(context, record, card);
  }
  const tpms = new Map<FileRecord<'VTPM'>, Ref<'VTPM'>>();
  for (const record of objects.of('VTPM')) if (wanted(tpmOf(record).owner)) tpms.set(record, recordTpm(context, record));
  const devices = { drives, cards, tpms };
  restoreUuids(context, vms, devices);
  return devices;
}
