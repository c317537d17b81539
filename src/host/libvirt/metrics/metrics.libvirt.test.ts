import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execute } from '../../../../test-support/libvirt/execute.js';
import { type LabHost, startHost } from '../../../../test-support/libvirt/host/host.js';
import { BRIDGE } from '../../../../test-support/libvirt/host/network.js';
import { describeMetrics } from '../../contract/metrics.contract.js';
import { eventually } from '../../contract/watch.js';
import type { Metric } from '../../metrics.js';
import { KeptSession } from '../connection/kept-session.js';
import { LocalCounters } from './local-counters.js';
import { LibvirtMetrics } from './metrics.js';
import { RemoteCounters } from './remote-counters.js';

const HOST = '00000000-0000-4000-8000-0000000000aa';
const SR = '5a5a5a5a-0000-4000-8000-0000000000bb';
const DOMAIN = '00000000-0000-4000-8000-0000000000cc';
const VBD = '00000000-0000-4000-8000-0000000000d1';
const VIF = '00000000-0000-4000-8000-0000000000d2';

let lab: LabHost;
let disk: string;
beforeAll(async () => {
  lab = await startHost();
  disk = join(lab.shared, 'disk.qcow2');
  await execute('qemu-img', ['create', '-q', '-f', 'qcow2', disk, '16M']);
});
afterAll(() => lab.close());

/** A guest without a system: its firmware looks for one on the disk and in the network, and so uses both. */
function domainXml(): string {
  return `<domain type="qemu"><name>measured</name><uuid>${DOMAIN}</uuid>
    <memory unit="MiB">48</memory><vcpu>1</vcpu>
    <os><type arch="x86_64" machine="pc">hvm</type><boot dev="hd"/><boot dev="network"/></os>
    <devices>
      <disk type="file" device="disk"><driver name="qemu" type="qcow2"/><source file="${disk}"/>
        <target dev="vda" bus="virtio"/><alias name="ua-${VBD}"/></disk>
      <interface type="bridge"><source bridge="${BRIDGE}"/><model type="virtio"/><alias name="ua-${VIF}"/></interface>
    </devices></domain>`;
}

async function openSession(): Promise<KeptSession> {
  return KeptSession.open({ uri: lab.uri, host: () => HOST, warn: () => undefined });
}

function metricsOver(session: KeptSession, counters: LocalCounters | RemoteCounters = new LocalCounters()): LibvirtMetrics {
  return new LibvirtMetrics({
    uuid: HOST,
    session,
    volumes: {
      locate: (path) => (path === disk ? { sr: SR, location: 'disk.qcow2' } : undefined),
      cover: () => undefined,
    },
    storage: {
      attachedSrs: () => [SR],
      space: async () => ({ physicalSize: 2 ** 30, physicalUtilisation: 2 ** 20 }),
    },
    counters,
    warn: (error) => {
      throw error;
    },
  });
}

describeMetrics('libvirt', async () => {
  const session = await openSession();
  await lab.create(domainXml());
  let runs = true;
  const stop = async (): Promise<void> => {
    if (runs) await lab.virsh('destroy', 'measured');
    runs = false;
  };
  return {
    metrics: metricsOver(session),
    host: HOST,
    domain: DOMAIN,
    sr: SR,
    stop,
    async close() {
      await stop();
      await session.close();
    },
  };
});

describe('metrics of a libvirt host', () => {
  let session: KeptSession;
  beforeAll(async () => {
    session = await openSession();
  });
  afterAll(() => session.close());

  const values = async (metrics: LibvirtMetrics, kind: Metric['owner']['kind']): Promise<ReadonlyMap<string, Metric>> =>
    new Map((await metrics.sample()).filter(({ owner }) => owner.kind === kind).map((metric) => [metric.name, metric]));

  it('tell what the firmware of a guest does', async () => {
    const metrics = metricsOver(session);
    await metrics.sample();
    await lab.create(domainXml());
    try {
      // From the first sample on that has it: it has counted from nothing since the one before.
      await eventually(async () => {
        const found = await values(metrics, 'vm');
        return (found.get('cpu0')?.value ?? 0) > 0 && (found.get('vbd_xvda_read')?.value ?? 0) > 0;
      }, 20_000);
      const found = await values(metrics, 'vm');
      expect(found.get('memory')?.value).toBe(48 * 2 ** 20);
      expect([...found.values()].every(({ owner }) => owner.uuid === DOMAIN)).toBe(true);
      const host = await values(metrics, 'host');
      expect(host.get('running_domains')?.value).toBe(2);
      const [total] = /\d+/.exec(await readFile('/proc/meminfo', 'utf8')) ?? [];
      expect(host.get('memory_total_kib')?.value).toBe(Number(total));
      expect((await values(metrics, 'sr')).get('size')?.value).toBe(2 ** 30);
    } finally {
      await lab.virsh('destroy', 'measured');
    }
  });

  it('come from libvirt alone where the host is another machine', async () => {
    const host = await values(metricsOver(session, new RemoteCounters(session)), 'host');
    const local = await values(metricsOver(session), 'host');
    for (const name of ['cpu0', 'cpu_avg', 'memory_total_kib', 'memory_free_kib']) expect(host.has(name)).toBe(true);
    expect(host.get('memory_total_kib')?.value).toBe(local.get('memory_total_kib')?.value);
    expect(host.has('pif_aggr_rx')).toBe(false);
  });
});
