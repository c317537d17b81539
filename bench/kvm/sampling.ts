import type { LabHost } from '../../test-support/libvirt/host/host.js';
import { measureSampling } from '../sampling.js';
import type { Row } from '../table.js';
import type { KvmDaemon } from './daemon.js';
import type { SmallDomain } from './domains.js';
import { refOf, until } from './starting.js';

/** Domains that are started at a time. */
const AT_A_TIME = 8;

/** Share of a core that the gateway uses while domains live and nobody asks anything. They are paused: else they would use the machine up. */
export async function measureLiving(host: LabHost, daemon: KvmDaemon, domains: readonly SmallDomain[]): Promise<Row[]> {
  for (let at = 0; at < domains.length; at += AT_A_TIME)
    await Promise.all(domains.slice(at, at + AT_A_TIME).map(({ uuid }) => host.virsh('start', '--paused', uuid)));
  const client = await daemon.login();
  for (const domain of domains) {
    const vm = await refOf(client, domain);
    await until(async () => (await client.call<string>('VM.get_power_state', vm)) === 'Paused');
  }
  client.close();
  return measureSampling(daemon, `${domains.length} living domains`, 5);
}
