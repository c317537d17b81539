import { join } from 'node:path';
import type { Host } from '../../host/host.js';
import type { Unsubscribe } from '../../host/progress.js';
import type { Ref } from '../../model/ref.js';
import type { Api } from '../api.js';
import { DefinedDomains } from './defined-domains.js';
import { Definitions } from './definitions.js';

/**
 * Takes in the domains that a host has, then keeps them and the VMs of the pool in step until it is stopped. Resolves when every domain
 * is a VM. `restored`: as `Definitions.start` has it.
 */
export async function followDefinitions(api: Api, ref: Ref<'host'>, host: Host, restored = false): Promise<Unsubscribe> {
  const failed = (err: unknown): void => api.log.error({ err }, 'which domains the host has could not be kept');
  const defined = await DefinedDomains.open(join(api.dataDir, `domains-${host.facts.uuid}.json`), failed);
  const definitions = new Definitions(api, ref, host, defined);
  await definitions.start(restored);
  return () => {
    definitions.stop();
    void defined.close();
  };
}
