import { DomainDiskErrorCode, DomainPausedReason, DomainState } from 'node-libvirt';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeSession } from '../testing/fake-session.js';
import { DiskRoom } from './disk-room.js';
import { DiskUsers } from './disk-users.js';

const UUID = 'a5a5a5a5-0000-4000-8000-000000000001';
const DOM = { name: 'one', uuid: UUID, id: 1 };
const XML = `<domain><uuid>${UUID}</uuid><devices>
  <disk type='block' device='disk'><source dev='/dev/group/thin'/><target dev='vda' bus='virtio'/></disk>
  <disk type='file' device='disk'><source file='/srv/file'/><target dev='vdb' bus='virtio'/></disk>
</devices></domain>`;
const RESERVE = 100;

/** A domain with a disk in a volume that grows, and a storage that grows it. */
class World {
  size = 1000;
  written = 0;
  full = 3000;
  isFull = false;
  isPaused = false;
  error: number = DomainDiskErrorCode.NO_SPACE;
  readonly thresholds: number[] = [];
  readonly warnings: string[] = [];
  readonly diskUsers = new DiskUsers();
  readonly more = new Set<() => void>();
  readonly session = new FakeSession({
    DOMAIN_GET_BLOCK_INFO: ({ path }) => {
      expect(path).toBe('vda');
      return { allocation: this.written, capacity: 0, physical: this.size };
    },
    DOMAIN_SET_BLOCK_THRESHOLD: ({ dev, threshold }) => {
      expect(dev).toBe('vda');
      this.thresholds.push(Number(threshold));
    },
    DOMAIN_GET_STATE: () =>
      this.isPaused
        ? { state: DomainState.PAUSED, reason: DomainPausedReason.IOERROR }
        : { state: DomainState.RUNNING, reason: 0 },
    DOMAIN_GET_DISK_ERRORS: () => ({ errors: [{ disk: 'vda', error: this.error }], nerrors: 1 }),
    DOMAIN_RESUME: () => {
      this.isPaused = false;
    },
  });
  readonly room = new DiskRoom({
    session: this.session,
    diskUsers: this.diskUsers,
    live: async () => DOM,
    liveXml: async () => XML,
    warn: (_error, message) => void this.warnings.push(message),
    sources: {
      growing: {
        threshold: (path) => (path === '/dev/group/thin' && this.size < this.full ? this.size - RESERVE : undefined),
        extend: async (_path, written) => {
          if (this.isFull) throw new Error('full');
          this.size = Math.min(this.full, written + 1000);
        },
        onMore: (listener) => {
          this.more.add(listener);
          return () => this.more.delete(listener);
        },
      },
    },
    states: {
      living: () => [],
      life: () => new AbortController().signal,
      onEnd: () => () => undefined,
    },
  });

  /** The domain starts, or its disks change. */
  async starts(): Promise<void> {
    this.diskUsers.put(UUID, ['/dev/group/thin', '/srv/file'], this.diskUsers.begin());
    await vi.advanceTimersByTimeAsync(1);
  }

  async writes(written: number): Promise<void> {
    this.written = written;
    const threshold = this.thresholds.at(-1) ?? Infinity;
    if (written > threshold)
      this.session.tell('BLOCK_THRESHOLD', {
        dom: DOM,
        dev: 'vda',
        path: '/dev/group/thin',
        threshold,
        excess: written - threshold,
      });
    await vi.advanceTimersByTimeAsync(1);
  }

  async standsStill(): Promise<void> {
    this.isPaused = true;
    const what = { dom: DOM, srcPath: '/dev/group/thin', devAlias: 'virtio-disk0', action: 1, reason: 'enospc' };
    this.session.tell('IO_ERROR_REASON', what);
    await vi.advanceTimersByTimeAsync(1);
  }
}

describe('room in disks of running domains', () => {
  let world: World;
  beforeEach(() => {
    vi.useFakeTimers();
    world = new World();
  });
  afterEach(() => {
    world.room.close();
    vi.useRealTimers();
  });

  it('is made whenever a domain says that it needs it, until there is all that it can need', async () => {
    await world.starts();
    expect(world.thresholds).toEqual([900]);
    await world.writes(800);
    expect(world.size).toBe(1000);
    await world.writes(950);
    expect([world.size, world.thresholds.at(-1)]).toEqual([1950, 1850]);
    await world.writes(1900);
    await world.writes(2850);
    expect(world.size).toBe(3000);
    const set = world.thresholds.length;
    await world.starts();
    expect(world.thresholds).toHaveLength(set);
    await world.standsStill();
    expect(world.isPaused).toBe(false);
    expect(world.warnings).toEqual([]);
  });

  it('is made at once for a domain that wrote while nobody listened', async () => {
    world.written = 990;
    await world.starts();
    expect([world.size, world.thresholds]).toEqual([1990, [1890]]);
  });

  it('is not made for domains whose disks all have it', async () => {
    world.diskUsers.put(UUID, ['/srv/file'], world.diskUsers.begin());
    await vi.advanceTimersByTimeAsync(1);
    expect(world.session.asked).toEqual([]);
  });

  it('lets a domain go on that was quicker', async () => {
    await world.starts();
    world.written = 1000;
    await world.standsStill();
    expect([world.size, world.isPaused]).toEqual([2000, false]);
  });

  it('lets it go on when the news of room and of the stop cross', async () => {
    await world.starts();
    await world.writes(950);
    await world.standsStill();
    expect(world.isPaused).toBe(false);
  });

  it('does not let a domain go on again and again', async () => {
    await world.starts();
    const resumes = () => world.session.asked.filter((call) => call === 'DOMAIN_RESUME').length;
    for (let time = 0; time < 20; time++) await world.standsStill();
    expect(resumes()).toBe(1);
    await vi.advanceTimersByTimeAsync(1000);
    expect(resumes()).toBe(2);
    expect(world.isPaused).toBe(false);
  });

  it('leaves a domain standing still whose storage is full, or whose disk is broken', async () => {
    await world.starts();
    world.isFull = true;
    world.written = 1000;
    await world.standsStill();
    expect(world.isPaused).toBe(true);
    expect(world.warnings).toEqual([expect.stringContaining('vda')]);
    world.isFull = false;
    world.error = DomainDiskErrorCode.UNSPEC;
    await world.standsStill();
    expect([world.size, world.isPaused]).toEqual([2000, true]);
  });
});
