import type { ProbeFinding } from '../../host/storage.js';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { ClassBehaviour, Handler } from '../behaviour.js';
import type { Call } from '../call.js';
import { invoke } from '../invoke.js';
import { driverFeatures } from '../storage/driver-features.js';
import { recordPbd } from '../storage/pbd-record.js';
import { revealPasswords } from '../storage/secrets.js';
import { plugPbd, unplugPbd } from '../storage/sr-attach.js';

type Config = ReadonlyMap<string, string>;

/** Brings the SRs of a storage in that are wanted and not there yet; who looks for VMs of a lost pool finds them there. */
const create: Handler<'DR_task', 'create'> = async (call, type, deviceConfig, wanted) => {
  const { api } = call;
  const { db } = api;
  if (!db.filter('SM', (driver) => driver.type === type).length) throw new ApiError('SR_UNKNOWN_DRIVER', type);
  if (!driverFeatures(db, type).has('SR_METADATA'))
    throw new ApiError('OPERATION_NOT_ALLOWED', `Disaster recovery not supported on SRs of type ${type}`);
  const { master } = db.get('pool', api.pool);
  const { storage } = api.hosts.get(master);
  const found = await storage.probe(type, revealPasswords(db, deviceConfig), new Map([['metadata', 'true']]));
  const task = db.create('DR_task', {});
  for (const { sr } of found)
    if (sr && wanted.includes(sr.uuid) && !db.table('SR').refsByUuid.has(sr.uuid))
      await introduce(call, task, type, deviceConfig, sr);
  return task;
};

async function introduce(
  call: Call,
  task: Ref<'DR_task'>,
  type: string,
  deviceConfig: Config,
  { uuid, name, description }: NonNullable<ProbeFinding['sr']>,
): Promise<void> {
  const { api } = call;
  const { db } = api;
  const sr = await invoke(call, 'SR', 'introduce', uuid, name, description, type, '', true, new Map());
  try {
    const { master } = db.get('pool', api.pool);
    const others = [...db.all('host')].map(([host]) => host).filter((host) => host !== master);
    for (const host of [master, ...others]) await plugPbd(api, call.task, recordPbd(db, sr, host, deviceConfig));
    db.set('SR', sr, { introduced_by: task });
  } catch (thrown) {
    await forget(call, sr);
    throw thrown;
  }
}

/** Gives an SR back: detached everywhere, the master last, then forgotten. */
async function forget(call: Call, sr: Ref<'SR'>): Promise<void> {
  const { api } = call;
  const { db } = api;
  const { master } = db.get('pool', api.pool);
  const attached = db.get('SR', sr).PBDs.filter((pbd) => db.get('PBD', pbd).currently_attached);
  const atMaster = (pbd: Ref<'PBD'>) => Number(db.get('PBD', pbd).host === master);
  for (const pbd of attached.sort((a, b) => atMaster(a) - atMaster(b))) await unplugPbd(api, call.task, pbd);
  await invoke(call, 'SR', 'forget', sr);
}

/** Recoveries of a lost pool's VMs from its storage. */
export const DR_task: ClassBehaviour<'DR_task'> = {
  messages: {
    create,
    destroy: async (call, self) => {
      for (const sr of call.api.db.get('DR_task', self).introduced_SRs) await forget(call, sr);
      call.api.db.destroy('DR_task', self);
    },
  },
};
