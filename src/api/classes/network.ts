import { rm } from 'node:fs/promises';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { ConstructorArguments } from '../../model/types.js';
import type { ClassBehaviour, Handler } from '../behaviour.js';
import { blobPath } from '../blob-path.js';
import { createBlobOf } from '../blobs.js';
import type { Call } from '../call.js';
import { attachNetworksForVm, bringNetworkUp, detachNetworksForVm } from '../network/attach.js';
import { createNetwork, isBridgeName } from '../network/create.js';
import { exclusively } from '../network/exclusive.js';
import { assertNetworkManaged } from '../network/pif-checks.js';
import { removeVifRecord } from '../network/vif-record.js';

function create({ api: { db }, session }: Call, given: ConstructorArguments<'network'>): Ref<'network'> {
  // A host of the pool gives a network the name that it has elsewhere.
  if (given.bridge !== '' && !isBridgeName(given.bridge) && !session.pool)
    throw new ApiError('INVALID_VALUE', 'bridge', given.bridge);
  return createNetwork(db, given);
}

/** Cards of VMs that are not attached go with their network; its bridges inside hosts go, as far as hosts can be reached. */
async function destroy({ api }: Call, self: Ref<'network'>): Promise<void> {
  const { db } = api;
  const { VIFs, PIFs, other_config, blobs, bridge, managed } = db.get('network', self);
  const attached = VIFs.filter((vif) => {
    const fields = db.find('VIF', vif)?.fields;
    return fields?.currently_attached || fields?.reserved;
  });
  if (attached.length) throw new ApiError('NETWORK_CONTAINS_VIF', ...attached);
  if (PIFs.length) throw new ApiError('NETWORK_CONTAINS_PIF', ...PIFs);
  if (other_config.get('is_host_internal_management_network') === 'true')
    throw new ApiError('CANNOT_DESTROY_SYSTEM_NETWORK', self);
  const files = [...blobs.values()].flatMap((blob) => db.find('blob', blob)?.fields.uuid ?? []);
  db.transaction(() => {
    for (const vif of VIFs) removeVifRecord(db, vif);
    for (const blob of blobs.values()) if (db.exists('blob', blob)) db.destroy('blob', blob);
    db.destroy('network', self);
  });
  await Promise.all(files.map((uuid) => rm(blobPath(api.dataDir, uuid), { force: true })));
  if (managed) await removeBridges(api, bridge);
}

async function removeBridges(api: Call['api'], bridge: string): Promise<void> {
  for (const [host, physical] of api.hosts.entries()) {
    try {
      await exclusively(api, host, async () => {
        const again = api.db.filter('network', (network) => network.bridge === bridge).length > 0;
        if (!again) await physical.network.removeBridge(bridge);
      });
    } catch (thrown) {
      api.log.warn({ err: thrown, bridge, host }, 'a bridge of a network that is gone stays on a host');
    }
  }
}

const setDefaultLockingMode: Handler<'network', 'set_default_locking_mode'> = ({ api: { db } }, self, mode) => {
  const user = db.get('network', self).VIFs.find((vif) => db.find('VIF', vif)?.fields.currently_attached);
  if (user) throw new ApiError('VIF_IN_USE', self, user);
  db.set('network', self, { default_locking_mode: mode });
};

const addPurpose: Handler<'network', 'add_purpose'> = ({ api: { db } }, self, value) => {
  assertNetworkManaged(db, self);
  const { purpose } = db.get('network', self);
  if (purpose.includes(value)) return;
  const other = value === 'nbd' ? 'insecure_nbd' : 'nbd';
  if (db.filter('network', (network) => network.purpose.includes(other)).length)
    throw new ApiError('NETWORK_INCOMPATIBLE_PURPOSES', value, other);
  db.set('network', self, { purpose: [value, ...purpose] });
};

/** Networks that VMs join. */
export const network: ClassBehaviour<'network'> = {
  create,
  destroy,
  messages: {
    attach: ({ api }, self, host) => {
      api.db.get('network', self);
      return exclusively(api, host, () => bringNetworkUp(api, self, host, true));
    },
    attach_for_vm: ({ api }, host, vm) => attachNetworksForVm(api, vm, host),
    detach_for_vm: ({ api }, host, vm) => detachNetworksForVm(api, vm, host),
    pool_introduce: ({ api: { db } }, name_label, name_description, MTU, other_config, bridge, managed, purpose) =>
      db.create('network', { name_label, name_description, MTU, other_config, bridge, managed, purpose }),
    create_new_blob: ({ api }, self, name, mimeType, isPublic) => createBlobOf(api.db, 'network', self, name, mimeType, isPublic),
    set_default_locking_mode: setDefaultLockingMode,
    add_purpose: addPurpose,
    remove_purpose: ({ api: { db } }, self, value) =>
      db.set('network', self, { purpose: db.get('network', self).purpose.filter((purpose) => purpose !== value) }),
  },
};
