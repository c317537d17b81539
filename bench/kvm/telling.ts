import { connect } from 'node-libvirt';
import type { LabHost } from '../../test-support/libvirt/host/host.js';
import { percentile } from '../statistics.js';
import type { Row } from '../table.js';
import type { KvmDaemon } from './daemon.js';
import type { SmallDomain } from './domains.js';
import { refOf, until } from './starting.js';

const CHANGES = 60;

interface Batch {
  readonly token: string;
  readonly events: readonly { readonly snapshot: { readonly power_state?: string } }[];
}

/** Milliseconds from the moment somebody tells libvirt to pause a domain until a client that waits for events has heard of it. */
export async function measureTelling(host: LabHost, daemon: KvmDaemon, domain: SmallDomain): Promise<Row[]> {
  const { client } = daemon;
  const vm = await refOf(client, domain);
  await client.call('VM.start', vm, false, false);
  const libvirt = await connect(host.uri);
  const waiter = await daemon.login();
  const samples: number[] = [];
  try {
    const { dom } = await libvirt.call('DOMAIN_LOOKUP_BY_UUID', { uuid: domain.uuid });
    let { token } = await waiter.call<Batch>('event.from', [`VM/${vm}`], '', 0.5);
    for (let i = 0; i < CHANGES; i++) {
      const wanted = i % 2 === 0 ? 'Paused' : 'Running';
      const heard = (async () => {
        for (;;) {
          const batch = await waiter.call<Batch>('event.from', [`VM/${vm}`], token, 10.5);
          token = batch.token;
          if (batch.events.some(({ snapshot }) => snapshot.power_state === wanted)) return performance.now();
        }
      })();
      // Calls on another connection: when they are answered, the waiter waits.
      for (let asked = 0; asked < 5; asked++) await client.call('VM.get_name_label', vm);
      const began = performance.now();
      await (wanted === 'Paused' ? libvirt.call('DOMAIN_SUSPEND', { dom }) : libvirt.call('DOMAIN_RESUME', { dom }));
      samples.push((await heard) - began);
    }
  } finally {
    waiter.close();
    await libvirt.close();
    await client.call('VM.hard_shutdown', vm);
    await until(async () => (await client.call<string>('VM.get_power_state', vm)) === 'Halted');
  }
  return [
    {
      what: 'a domain paused on the host until event.from tells it (p50)',
      measured: percentile(samples, 0.5),
      unit: 'ms',
      limit: 50,
      better: 'less',
    },
    { what: 'the same (p95)', measured: percentile(samples, 0.95), unit: 'ms', limit: 50, better: 'less' },
  ];
}
