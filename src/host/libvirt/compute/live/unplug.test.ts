import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeSession } from '../testing/fake-session.js';
import { PATIENCE, unplug } from './unplug.js';

const dom = { name: 'one', uuid: 'a5a5a5a5-0000-4000-8000-000000000001', id: 1 };

describe('a device that is to go', () => {
  let session: FakeSession;
  let present: boolean;

  beforeEach(() => {
    vi.useFakeTimers();
    present = true;
    session = new FakeSession({ DOMAIN_DETACH_DEVICE_ALIAS: () => undefined });
  });
  afterEach(() => void vi.useRealTimers());

  const going = (force = false): Promise<void> => {
    const device = { class: 'VBD', uuid: 'vbd', alias: 'ua-vbd', present: () => present } as const;
    const work = unplug({ session, liveXml: async () => '' }, dom, device, force);
    // It is looked at later than it may reject.
    work.catch(() => undefined);
    return work;
  };
  const asked = (): number => session.asked.length;

  it('is gone when libvirt says so', async () => {
    const work = going();
    await vi.advanceTimersByTimeAsync(300);
    session.tell('DEVICE_REMOVED', { dom, devAlias: 'ua-other' });
    session.tell('DEVICE_REMOVED', { dom, devAlias: 'ua-vbd' });
    await expect(work).resolves.toBeUndefined();
    expect(asked()).toBe(1);
  });

  it('is gone when it is not there any more, though nobody said so', async () => {
    const work = going();
    present = false;
    await vi.advanceTimersByTimeAsync(1000);
    await expect(work).resolves.toBeUndefined();
  });

  it('stays when the guest refuses, unless force is used', async () => {
    const work = going();
    await vi.advanceTimersByTimeAsync(100);
    session.tell('DEVICE_REMOVAL_FAILED', { dom, devAlias: 'ua-vbd' });
    await vi.advanceTimersByTimeAsync(1000);
    await expect(work).rejects.toMatchObject({ code: 'DEVICE_DETACH_REJECTED' });
    const forced = going(true);
    await vi.advanceTimersByTimeAsync(100);
    session.tell('DEVICE_REMOVAL_FAILED', { dom, devAlias: 'ua-vbd' });
    await vi.advanceTimersByTimeAsync(10_000);
    session.tell('DEVICE_REMOVED', { dom, devAlias: 'ua-vbd' });
    await expect(forced).resolves.toBeUndefined();
  });

  it('is asked for once, with force again and again; then patience ends', async () => {
    const work = going();
    await vi.advanceTimersByTimeAsync(PATIENCE.asked + 2000);
    await expect(work).rejects.toMatchObject({ code: 'DEVICE_DETACH_TIMEOUT', params: ['VBD', 'vbd'] });
    expect(asked()).toBe(1);
    const forced = going(true);
    await vi.advanceTimersByTimeAsync(PATIENCE.forced + 2000);
    await expect(forced).rejects.toMatchObject({ code: 'DEVICE_DETACH_TIMEOUT' });
    expect(asked()).toBeGreaterThan(5);
  });
});
