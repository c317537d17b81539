import { v4 as newUuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Compute, DomainSpec, DomainState, GuestState } from '../compute.js';
import type { VolumeAddress } from '../storage.js';
import { specsFor } from './specs.js';
import { eventually, recordedWatch } from './watch.js';

const MIB = 2 ** 20;

/** Two hosts of a pool to be tested, with what domains need. */
export interface ComputeFixture {
  readonly compute: Compute;
  /** Another host that sees the same storage and has the same bridge. */
  readonly other: Compute;
  /** A bridge that is there. */
  readonly bridge: string;
  /** Makes a volume that both hosts can use; size in bytes. */
  makeVolume(size: number): Promise<VolumeAddress>;
  /** Bytes that no domain uses. */
  freeMemory(): Promise<number>;
  /** How guests are booted; from their first disk or CD unless given. */
  readonly boot?: DomainSpec['boot'];
  /** Milliseconds until the tools of a guest that has started must have been heard; a guest that is no real one needs few. */
  readonly patience?: number;
  close(): Promise<void>;
}

/** What the compute of every host must do. Guests are taken to have tools. */
export function describeCompute(name: string, makeFixture: () => Promise<ComputeFixture>): void {
  describe(`compute contract: ${name}`, () => {
    let fixture: ComputeFixture;
    let compute: Compute;
    let states: DomainState[];
    let guests: Map<string, GuestState | undefined>;

    beforeEach(async () => {
      fixture = await makeFixture();
      compute = fixture.compute;
      states = [];
      guests = new Map();
      compute.onState((state) => states.push(state));
      compute.onGuest((uuid, state) => guests.set(uuid, state));
    });
    afterEach(() => fixture.close());

    const { disk, nic, spec } = specsFor(() => fixture);
    const started = async (changes?: Partial<DomainSpec>): Promise<DomainSpec> => {
      const domain = await spec(changes);
      await compute.start(domain, false, recordedWatch());
      return domain;
    };
    const find = async (uuid: string, host = compute): Promise<DomainState | undefined> =>
      (await host.list()).find((state) => state.uuid === uuid);
    const power = async (uuid: string, host = compute): Promise<string> => (await find(uuid, host))?.power ?? 'Halted';
    const image = (domain: DomainSpec): Promise<VolumeAddress> => fixture.makeVolume(compute.memoryImageSize(domain));
    const heard = (uuid: string, what: (guest: GuestState) => boolean = () => true): Promise<void> =>
      eventually(() => {
        const guest = guests.get(uuid);
        return guest !== undefined && guest.driversVersion.size > 0 && what(guest);
      }, fixture.patience);
    const badState = { code: 'VM_BAD_POWER_STATE' };

    it('starts a domain and tells so', async () => {
      const watch = recordedWatch();
      const domain = await spec();
      await compute.start(domain, false, watch);
      const state = await find(domain.uuid);
      expect(state?.power).toBe('Running');
      expect(state?.domid).toBeGreaterThan(0);
      expect(Math.abs((state?.startedAt ?? 0) - Date.now())).toBeLessThan(60_000);
      expect(states.at(-1)).toMatchObject({ uuid: domain.uuid, power: 'Running' });
      expect(watch.shares.at(-1)).toBe(1);
    });

    it('does not start a domain twice, on any host', async () => {
      const domain = await started();
      await expect(compute.start(domain, false, recordedWatch())).rejects.toMatchObject(badState);
      await expect(fixture.other.start(domain, false, recordedWatch())).rejects.toMatchObject(badState);
    });

    it('gives every start a new number', async () => {
      const domain = await started();
      const first = (await find(domain.uuid))?.domid;
      await compute.hardShutdown(domain.uuid);
      await compute.start(domain, false, recordedWatch());
      expect((await find(domain.uuid))?.domid).not.toBe(first);
    });

    it('refuses a domain whose disk is not there', async () => {
      const { sr } = await fixture.makeVolume(MIB);
      const domain = await spec({ disks: [disk({ sr, location: newUuid() })] });
      await expect(compute.start(domain, false, recordedWatch())).rejects.toMatchObject({ code: 'VDI_MISSING' });
      expect(await power(domain.uuid)).toBe('Halted');
    });

    it('refuses a domain for which there is no memory, and says how much there is', async () => {
      const free = await fixture.freeMemory();
      const size = free + 1024 * MIB;
      const domain = await spec({ memory: { staticMax: size, dynamicMax: size, dynamicMin: size, target: size } });
      const thrown: unknown = await compute.start(domain, false, recordedWatch()).catch((error: unknown) => error);
      expect(thrown).toMatchObject({ code: 'HOST_NOT_ENOUGH_FREE_MEMORY' });
      const [needed, available] = (thrown as { params: string[] }).params.map(Number);
      expect(needed).toBeGreaterThanOrEqual(size);
      expect(available).toBeLessThanOrEqual(free);
      expect(await fixture.freeMemory()).toBe(free);
    });

    it('takes memory for a domain and gives it back', async () => {
      const free = await fixture.freeMemory();
      const domain = await started();
      expect(await fixture.freeMemory()).toBeLessThanOrEqual(free - 256 * MIB);
      await compute.hardShutdown(domain.uuid);
      expect(await fixture.freeMemory()).toBe(free);
    });

    it('starts paused, unpauses, pauses', async () => {
      const domain = await spec();
      await compute.start(domain, true, recordedWatch());
      expect(await power(domain.uuid)).toBe('Paused');
      await expect(compute.cleanShutdown(domain.uuid, recordedWatch())).rejects.toMatchObject(badState);
      await compute.unpause(domain.uuid);
      expect(await power(domain.uuid)).toBe('Running');
      await expect(compute.unpause(domain.uuid)).rejects.toMatchObject(badState);
      await compute.pause(domain.uuid);
      expect(states.at(-1)).toMatchObject({ uuid: domain.uuid, power: 'Paused' });
      await compute.hardShutdown(domain.uuid);
      expect(await power(domain.uuid)).toBe('Halted');
    });

    it('shuts down cleanly and hard', async () => {
      const one = await started();
      await compute.cleanShutdown(one.uuid, recordedWatch());
      expect(await power(one.uuid)).toBe('Halted');
      expect(states.at(-1)).toMatchObject({ uuid: one.uuid, power: 'Halted', domid: -1 });
      const other = await started();
      await compute.hardShutdown(other.uuid);
      expect(await power(other.uuid)).toBe('Halted');
      await expect(compute.cleanShutdown(other.uuid, recordedWatch())).rejects.toMatchObject(badState);
    });

    it('reboots cleanly and hard, with what is new in the description', async () => {
      const domain = await started();
      const first = (await find(domain.uuid))?.domid;
      await compute.cleanReboot({ ...domain, vcpus: { ...domain.vcpus, max: 4 } }, recordedWatch());
      const second = await find(domain.uuid);
      expect(second?.power).toBe('Running');
      expect(second?.domid).not.toBe(first);
      await compute.setVcpus(domain.uuid, 4);
      await compute.hardReboot(domain, recordedWatch());
      expect((await find(domain.uuid))?.domid).not.toBe(second?.domid);
    });

    it('hears the tools of a running guest, and that they fell silent', async () => {
      const domain = await started();
      await heard(domain.uuid, ({ networks }) => networks.has('0/ip'));
      const guest = guests.get(domain.uuid);
      expect(guest?.osVersion.get('name')).toBeTruthy();
      expect(guest?.driversVersion.get('major')).toMatch(/^\d+$/);
      expect(guest?.networks.get('0/ip')).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
      await compute.hardShutdown(domain.uuid);
      await eventually(() => guests.has(domain.uuid) && guests.get(domain.uuid) === undefined, fixture.patience);
    });

    it('suspends to a volume and resumes from it, also on another host', async () => {
      const domain = await started();
      const memory = await image(domain);
      const free = await fixture.freeMemory();
      await compute.suspend(domain.uuid, memory, recordedWatch());
      expect(await power(domain.uuid)).toBe('Suspended');
      expect(await fixture.freeMemory()).toBeGreaterThan(free);
      await expect(compute.pause(domain.uuid)).rejects.toMatchObject(badState);
      await compute.resume(domain, memory, true, recordedWatch());
      expect(await power(domain.uuid)).toBe('Paused');
      await compute.unpause(domain.uuid);
      await compute.suspend(domain.uuid, memory, recordedWatch());
      await fixture.other.resume(domain, memory, false, recordedWatch());
      expect(await power(domain.uuid, fixture.other)).toBe('Running');
      expect(await power(domain.uuid)).toBe('Halted');
    });

    it('refuses to resume from what is no image of the domain', async () => {
      const domain = await started();
      const memory = await image(domain);
      await compute.suspend(domain.uuid, memory, recordedWatch());
      const blank = await image(domain);
      await expect(compute.resume(domain, blank, false, recordedWatch())).rejects.toMatchObject({
        code: 'SUSPEND_IMAGE_NOT_ACCESSIBLE',
      });
      const stranger = await spec();
      await expect(compute.resume(stranger, memory, false, recordedWatch())).rejects.toMatchObject({
        code: 'SUSPEND_IMAGE_NOT_ACCESSIBLE',
      });
      expect(await power(domain.uuid)).toBe('Suspended');
    });

    it('forgets a suspended domain, but no running one', async () => {
      const domain = await started();
      await expect(compute.forget(domain.uuid)).rejects.toMatchObject(badState);
      await compute.suspend(domain.uuid, await image(domain), recordedWatch());
      await compute.forget(domain.uuid);
      expect(await power(domain.uuid)).toBe('Halted');
    });

    it('saves memory of a domain that goes on', async () => {
      const domain = await started();
      const memory = await image(domain);
      let frozen = 0;
      await compute.saveMemory(domain.uuid, memory, async () => void frozen++, recordedWatch());
      expect(frozen).toBe(1);
      expect(await power(domain.uuid)).toBe('Running');
      await compute.hardShutdown(domain.uuid);
      await compute.resume(domain, memory, false, recordedWatch());
      expect(await power(domain.uuid)).toBe('Running');
    });

    it('goes on when the work at the frozen moment fails', async () => {
      const domain = await started();
      const failing = compute.saveMemory(
        domain.uuid,
        await image(domain),
        () => Promise.reject(new Error('no')),
        recordedWatch(),
      );
      await expect(failing).rejects.toThrow('no');
      await compute.cleanShutdown(domain.uuid, recordedWatch());
    });

    it('does nothing of what was cancelled before', async () => {
      const cancelled = recordedWatch();
      cancelled.cancel();
      const refused = { code: 'TASK_CANCELLED' };
      const free = await fixture.freeMemory();
      const never = await spec();
      await expect(compute.start(never, false, cancelled)).rejects.toMatchObject(refused);
      expect(await power(never.uuid)).toBe('Halted');
      expect(await fixture.freeMemory()).toBe(free);
      const domain = await started();
      await expect(compute.cleanShutdown(domain.uuid, cancelled)).rejects.toMatchObject(refused);
      await expect(compute.suspend(domain.uuid, await image(domain), cancelled)).rejects.toMatchObject(refused);
      await expect(compute.migrate(domain, fixture.other, cancelled)).rejects.toMatchObject(refused);
      expect(await power(domain.uuid)).toBe('Running');
      expect(await power(domain.uuid, fixture.other)).toBe('Halted');
    });

    it('changes CPUs and memory of a running domain within bounds', async () => {
      const domain = await started();
      await compute.setVcpus(domain.uuid, 2);
      await expect(compute.setVcpus(domain.uuid, 3)).rejects.toMatchObject({ code: 'VM_TOO_MANY_VCPUS' });
      await heard(domain.uuid);
      const target = await compute.setMemoryRange(domain.uuid, 128 * MIB, 192 * MIB);
      expect(target).toBeGreaterThanOrEqual(128 * MIB);
      expect(target).toBeLessThanOrEqual(192 * MIB);
    });

    it('plugs and unplugs disks', async () => {
      const domain = await started();
      await heard(domain.uuid);
      const more = disk(await fixture.makeVolume(MIB), { position: 1 });
      await compute.attachDisk(domain.uuid, more);
      await expect(compute.attachDisk(domain.uuid, more)).rejects.toMatchObject({ code: 'DEVICE_ALREADY_ATTACHED' });
      await compute.detachDisk(domain.uuid, more.vbd, false);
      await expect(compute.detachDisk(domain.uuid, more.vbd, false)).rejects.toMatchObject({ code: 'DEVICE_ALREADY_DETACHED' });
      await compute.attachDisk(domain.uuid, more);
    });

    it('plugs and unplugs cards, and the guest shows it', async () => {
      const domain = await started();
      await heard(domain.uuid);
      const more = nic(1);
      await compute.attachNic(domain.uuid, more);
      await heard(domain.uuid, ({ networks }) => networks.has('1/ip'));
      await compute.detachNic(domain.uuid, more.vif, false);
      await heard(domain.uuid, ({ networks }) => !networks.has('1/ip'));
      await expect(compute.detachNic(domain.uuid, more.vif, false)).rejects.toMatchObject({ code: 'DEVICE_ALREADY_DETACHED' });
    });

    it('inserts and ejects a medium', async () => {
      const domain = await started();
      const [fixed, drive] = domain.disks;
      const medium = await fixture.makeVolume(MIB);
      await expect(compute.ejectMedium(domain.uuid, drive?.vbd ?? '')).rejects.toMatchObject({ code: 'VBD_IS_EMPTY' });
      await compute.insertMedium(domain.uuid, drive?.vbd ?? '', medium);
      await expect(compute.insertMedium(domain.uuid, drive?.vbd ?? '', medium)).rejects.toMatchObject({ code: 'VBD_NOT_EMPTY' });
      await compute.ejectMedium(domain.uuid, drive?.vbd ?? '');
      await expect(compute.ejectMedium(domain.uuid, drive?.vbd ?? '')).rejects.toMatchObject({ code: 'VBD_IS_EMPTY' });
      await compute.insertMedium(domain.uuid, drive?.vbd ?? '', medium);
      await expect(compute.ejectMedium(domain.uuid, fixed?.vbd ?? '')).rejects.toMatchObject({ code: 'VBD_NOT_REMOVABLE_MEDIA' });
    });

    it('limits a disk while the guest runs', async () => {
      const domain = await started();
      const [first] = domain.disks;
      const limited = { vbd: first?.vbd ?? '', qos: new Map([['iops', '300']]) };
      await compute.limitDisk(domain.uuid, limited);
      await compute.limitDisk(domain.uuid, { ...limited, qos: new Map() });
      await expect(compute.limitDisk(domain.uuid, { ...limited, vbd: newUuid() })).rejects.toMatchObject({
        code: 'DEVICE_NOT_ATTACHED',
      });
    });

    it('moves a card to another bridge setting while the guest runs', async () => {
      const domain = await started();
      const [card] = domain.nics;
      await compute.changeNic(domain.uuid, { ...nic(0), vif: card?.vif ?? '', mac: '02:00:00:00:00:77' });
      await expect(compute.changeNic(domain.uuid, nic(5))).rejects.toThrow();
      expect(await power(domain.uuid)).toBe('Running');
    });

    it('moves a disk to another volume while the guest runs', async () => {
      const domain = await started();
      const [first] = domain.disks;
      const destination = await fixture.makeVolume(16 * MIB);
      const watch = recordedWatch();
      await compute.moveDisk(domain.uuid, first?.vbd ?? '', destination, watch);
      expect(watch.shares.at(-1)).toBe(1);
      await expect(compute.moveDisk(domain.uuid, newUuid(), destination, watch)).rejects.toThrow();
      expect(await power(domain.uuid)).toBe('Running');
    });

    it('moves a running domain to another host', async () => {
      const domain = await started();
      await heard(domain.uuid, ({ networks }) => networks.has('0/ip'));
      const before = states.length;
      const there: DomainState[] = [];
      fixture.other.onState((state) => there.push(state));
      const free = await fixture.freeMemory();
      const watch = recordedWatch();
      await compute.migrate(domain, fixture.other, watch);
      expect(await power(domain.uuid)).toBe('Halted');
      expect(await power(domain.uuid, fixture.other)).toBe('Running');
      expect(there.at(-1)).toMatchObject({ uuid: domain.uuid, power: 'Running' });
      expect(states.slice(before).filter(({ uuid }) => uuid === domain.uuid)).toEqual([]);
      expect(await fixture.freeMemory()).toBeGreaterThan(free);
      expect(watch.shares.at(-1)).toBe(1);
      await fixture.other.cleanShutdown(domain.uuid, recordedWatch());
    });

    it('describes a domain that lives, with its devices under their own names', async () => {
      const domain = await started({ name: 'a "name" <with> ümlauts' });
      const found = await compute.describeOne(domain.uuid);
      expect(found).toMatchObject({ uuid: domain.uuid, name: domain.name, persistent: true });
      expect(found?.vcpus.max).toBe(2);
      expect(found?.disks.map(({ vbd, kind, volume }) => [vbd, kind, volume?.location])).toEqual(
        domain.disks.map(({ vbd, kind, volume }) => [vbd, kind, volume?.location]),
      );
      expect(found?.nics.map(({ vif, mac, bridge }) => [vif, mac, bridge])).toEqual(
        domain.nics.map(({ vif, mac, bridge }) => [vif, mac, bridge]),
      );
      expect((await compute.describe()).map(({ uuid }) => uuid)).toContain(domain.uuid);
      expect(await compute.describeOne(newUuid())).toBeUndefined();
    });

    it('keeps the description of a VM that does not run, where it keeps descriptions', async () => {
      const domain = await spec({ name: 'kept' });
      await compute.define(domain);
      const kept = await compute.describeOne(domain.uuid);
      expect(kept?.name).toBe(compute.keepsDefinitions ? 'kept' : undefined);
      expect(await power(domain.uuid)).toBe('Halted');
      await compute.forget(domain.uuid);
      expect(await compute.describeOne(domain.uuid)).toBeUndefined();
    });

    it('stands still for some work, and goes on whatever comes of it', async () => {
      const domain = await started();
      let done = 0;
      await compute.hold(domain.uuid, false, async () => void done++);
      expect(done).toBe(1);
      await expect(compute.hold(domain.uuid, false, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
      expect(await power(domain.uuid)).toBe('Running');
      await compute.pause(domain.uuid);
      await compute.hold(domain.uuid, false, async () => void done++);
      expect(await power(domain.uuid)).toBe('Paused');
      expect(done).toBe(2);
      await expect(compute.hold(newUuid(), false, async () => void done++)).rejects.toMatchObject(badState);
      expect(done).toBe(2);
    });

    it('says nothing to a listener that was taken off', async () => {
      let heard = 0;
      const off = compute.onState(() => heard++);
      off();
      await started();
      expect(heard).toBe(0);
    });
  });
}
