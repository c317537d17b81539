import { v4 as newUuid } from 'uuid';
import { describe, expect, it } from 'vitest';
import { describeMetrics } from '../contract/metrics.contract.js';
import { recordedWatch } from '../contract/watch.js';
import { openWorld, temporaryDirectory } from './test-world.js';
import { walk } from './walk.js';

describeMetrics('emulated', async () => {
  const directory = await temporaryDirectory();
  const world = await openWorld(directory.path, {});
  const [host] = world.hosts;
  const sr = world.srs.find(({ spec }) => spec.type === 'ext')?.spec.uuid;
  if (host === undefined || sr === undefined) throw new Error('the world has a host with local storage');
  const uuid = newUuid();
  const volume = { uuid, virtualSize: 1024, name: '', description: '', smConfig: new Map() };
  const { location } = await host.storage.createVolume(sr, volume);
  const text = new Map<string, string>();
  await host.compute.start(
    {
      uuid,
      name: '',
      description: '',
      vcpus: { max: 1, online: 1, params: text },
      memory: { staticMax: 2 ** 26, dynamicMax: 2 ** 26, dynamicMin: 2 ** 26, target: 2 ** 26 },
      boot: { kind: 'hvm', params: text },
      platform: text,
      guestData: text,
      disks: [{ vbd: newUuid(), position: 0, kind: 'Disk', writable: true, bootable: true, volume: { sr, location }, qos: text }],
      nics: [
        {
          vif: newUuid(),
          position: 0,
          mac: '02:00:00:00:00:01',
          mtu: 1500,
          bridge: 'xenbr0',
          locking: { mode: 'unlocked', ipv4: [], ipv6: [] },
          qos: text,
        },
      ],
      after: { shutdown: 'destroy', reboot: 'restart', crash: 'restart' },
    },
    false,
    recordedWatch(),
  );
  return {
    metrics: host.metrics,
    host: host.facts.uuid,
    domain: uuid,
    sr,
    stop: () => host.compute.hardShutdown(uuid),
    async close() {
      await world.close();
      await directory.remove();
    },
  };
});

describe('walk', () => {
  it('stays between 0 and 1, moves, and moves a little at a time', () => {
    const values = Array.from({ length: 5000 }, (_, step) => walk(42, 1_700_000_000_000 + step * 1000));
    const steps = values.slice(1).map((value, at) => Math.abs(value - (values[at] ?? 0)));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThanOrEqual(1);
    expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(0.3);
    expect(Math.max(...steps)).toBeLessThan(0.05);
  });

  it('follows from seed and time alone', () => {
    expect(walk(7, 123_456)).toBe(walk(7, 123_456));
    expect(walk(7, 123_456)).not.toBe(walk(8, 123_456));
  });
});
