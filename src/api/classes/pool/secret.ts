import { newPoolSecret, writePoolSecret } from '../../../files/pool-secret.js';
import { ApiError } from '../../../model/error.js';
import type { Api } from '../../api.js';
import { isLive } from '../../reach.js';
import type { PoolMessages } from './messages.js';

/** Makes a secret the one by which the hosts of the pool know each other, on the disk first. */
export async function usePoolSecret(api: Api, secret: string): Promise<void> {
  await writePoolSecret(api.dataDir, secret);
  api.poolSecret = secret;
}

function assertPossible({ db, pool }: Api): void {
  const { ha_enabled: highAvailability, other_config: other, current_operations: current } = db.get('pool', pool);
  for (const [host] of db.all('host')) if (!isLive(db, host)) throw new ApiError('CANNOT_CONTACT_HOST', host);
  if (highAvailability) throw new ApiError('HA_IS_ENABLED');
  if (other.has('rolling_upgrade_in_progress')) throw new ApiError('NOT_SUPPORTED_DURING_UPGRADE');
  if (current.size) throw new ApiError('INTERNAL_ERROR', `pool operations in progress: [ ${[...current.values()].join('; ')} ]`);
}

async function rotate(api: Api): Promise<void> {
  assertPossible(api);
  api.db.set('pool', api.pool, { is_psr_pending: true });
  try {
    await usePoolSecret(api, newPoolSecret());
  } finally {
    api.db.set('pool', api.pool, { is_psr_pending: false });
  }
}

/** The secret that hosts of the pool share. All of them belong to this daemon, so that it changes at once. */
export const secretMessages: PoolMessages = {
  initial_auth: ({ api }) => api.poolSecret,
  rotate_secret: ({ api }) => rotate(api),
};
