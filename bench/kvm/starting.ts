import type { LabHost } from '../../test-support/libvirt/host/host.js';
import type { Client } from '../client.js';
import { percentile, timed } from '../statistics.js';
import type { Row } from '../table.js';
import type { KvmDaemon } from './daemon.js';
import type { SmallDomain } from './domains.js';

/** Starts of each kind, taken in turn so that both meet the same machine. */
const ROUNDS = 12;

/** Milliseconds of each start of the same domain, by the gateway and by virsh. */
export async function measureStart(host: LabHost, { client }: KvmDaemon, domain: SmallDomain): Promise<Row[]> {
  const vm = await refOf(client, domain);
  const ours: number[] = [];
  const theirs: number[] = [];
  const stop = async (): Promise<void> => {
    await host.virsh('destroy', domain.uuid);
    await until(async () => (await client.call<string>('VM.get_power_state', vm)) === 'Halted');
  };
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await timed(() => client.call('VM.start', vm, false, false)));
    await stop();
    theirs.push(await timed(() => host.virsh('start', domain.uuid)));
    await until(async () => (await client.call<string>('VM.get_power_state', vm)) === 'Running');
    await stop();
  }
  const [gateway, virsh] = [percentile(ours, 0.5), percentile(theirs, 0.5)];
  return [
    {
      what: `VM.start beyond virsh start (${Math.round(virsh)} ms) of the same domain (p50)`,
      measured: gateway - virsh,
      unit: 'ms',
      limit: 30,
      better: 'less',
    },
  ];
}

/** Starting many at once, by as many calls and by as many runs of virsh. */
export async function measureManyStarts(host: LabHost, daemon: KvmDaemon, domains: readonly SmallDomain[]): Promise<Row[]> {
  const { client } = daemon;
  // A connection that was idle for as long as virsh takes is closed by then.
  const stop = async (): Promise<void> => {
    for (const { uuid } of domains) await host.virsh('destroy', uuid);
    const asking = await daemon.login();
    for (const vm of vms) await until(async () => (await asking.call<string>('VM.get_power_state', vm)) === 'Halted');
    asking.close();
  };
  const vms: string[] = [];
  for (const domain of domains) vms.push(await refOf(client, domain));
  const theirs = await timed(() => Promise.all(domains.map(({ uuid }) => host.virsh('start', uuid))));
  await stop();
  const clients = await Promise.all(domains.map(() => daemon.login()));
  const ours = await timed(() => Promise.all(vms.map((vm, i) => clients[i]?.call('VM.start', vm, false, false))));
  await stop();
  for (const one of clients) one.close();
  const what = `${domains.length} VMs started at once, against as many virsh start at once (${(theirs / 1000).toFixed(1)} s)`;
  return [{ what, measured: ours / 1000, unit: 's', limit: theirs / 1000, better: 'less' }];
}

/** The VM of a domain. */
export function refOf(client: Client, { uuid }: SmallDomain): Promise<string> {
  return client.call<string>('VM.get_by_uuid', uuid);
}

/** Asks again and again until something is so. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
}
