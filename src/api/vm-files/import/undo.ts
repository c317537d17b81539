import type { Ref } from '../../../model/ref.js';
import type { Api } from '../../api.js';
import { removeVmRecord } from '../../classes/VM/destroy.js';
import { standInTask } from '../../stand-in-task.js';
import { pluggedHosts } from '../../storage/placement.js';
import { destroyVdi } from '../../storage/volumes.js';
import { UNFINISHED_KEY } from './context.js';
import { type ImportNote, UnfinishedImports } from './unfinished.js';

/** Removes what an import has made. False when something of it is still there, which the log tells. */
export async function undoImport(api: Api, note: ImportNote): Promise<boolean> {
  const { db } = api;
  // Hosts know nothing of these VMs: they are told when an import has ended.
  db.transaction(() => {
    for (const vm of note.vms) if (db.exists('VM', vm)) removeVmRecord(db, vm as Ref<'VM'>);
    for (const network of note.networks) if (isUnused(api, network)) db.destroy('network', network);
  });
  const outcomes = await Promise.all(note.disks.map((disk) => removeDisk(api, disk)));
  return outcomes.every((gone) => gone);
}

/** Removes what imports had made that a kill of the daemon has ended. Called at its start, when storage is attached. */
export async function sweepUnfinishedImports(api: Api): Promise<void> {
  const notes = new UnfinishedImports(api.dataDir);
  for (const { name, note } of await notes.all()) {
    if (!note) {
      api.log.error({ name }, 'a note on an import cannot be read: what that has made stays');
      continue;
    }
    if (hasEnded(api, note) || (await undoImport(api, note))) {
      await api.db.durable();
      await notes.end(name);
    }
  }
}

/** An import that has come to its end has taken the mark off its VMs: they are their owner's. */
function hasEnded({ db }: Api, { vms }: ImportNote): boolean {
  const there = vms.flatMap((vm) => db.find('VM', vm)?.fields ?? []);
  return there.length > 0 && there.every(({ other_config }) => !other_config.has(UNFINISHED_KEY));
}

function isUnused({ db }: Api, network: string): boolean {
  const fields = db.find('network', network)?.fields;
  return fields !== undefined && fields.VIFs.length === 0 && fields.PIFs.length === 0;
}

async function removeDisk(api: Api, { sr, uuid }: ImportNote['disks'][number]): Promise<boolean> {
  const { db } = api;
  const vdi = db.table('VDI').refsByUuid.get(uuid) as Ref<'VDI'> | undefined;
  const srRef = db.table('SR').refsByUuid.get(sr);
  // What lies in an SR that is away is found when it is back.
  if (vdi === undefined) return srRef === undefined || pluggedHosts(db, srRef).length > 0;
  try {
    await destroyVdi({ api, task: standInTask({ local: true, address: '' }) }, vdi);
    return true;
  } catch (thrown) {
    api.log.error({ err: thrown, vdi: uuid }, 'a disk of an import that failed could not be destroyed');
    return false;
  }
}
