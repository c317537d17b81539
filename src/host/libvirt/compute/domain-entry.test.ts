import { DomainEventLifecycle, DomainEventStartedDetailType, DomainEventStoppedDetailType } from 'node-libvirt';
import { describe, expect, it } from 'vitest';
import type { DomainState } from '../../compute.js';
import { type DomainEntry, domainState, hintOf, isSameLife, newEntry, nextKnown, tellsNothingNew } from './domain-entry.js';
import type { DomainReading } from './read-domain.js';

const uuid = '7d444840-9dc0-11d1-b245-5ffdce74fad2';
const running: DomainReading = {
  name: 'one',
  uuid,
  id: 7,
  power: 'Running',
  ended: undefined,
  memory: 64,
  maxMemory: 128,
  vcpus: 1,
};
const off: DomainReading = { ...running, id: -1, power: 'Halted', memory: 0, maxMemory: 0, vcpus: 0 };

const entryOf = (reading: DomainReading, changes: Partial<DomainEntry> = {}): DomainEntry => {
  const entry = newEntry(uuid);
  return { ...entry, known: nextKnown(entry, reading, undefined, 5), exists: true, ...changes };
};

describe('what is known of a domain', () => {
  it('has a reason for an end only when it ends by itself', () => {
    const entry = entryOf(running);
    const ended = { ...off, ended: 'shutdown' } as const;
    expect(nextKnown(entry, ended, undefined, 0)).toMatchObject({ power: 'Halted', id: -1, memory: 0, ended: 'shutdown' });
    expect(nextKnown({ ...entry, asked: 1 }, ended, undefined, 0).ended).toBeUndefined();
    expect(nextKnown(entry, { ...off, ended: 'shutdown' }, { living: false, ended: 'reboot' }, 0).ended).toBe('reboot');
    expect(nextKnown(entry, undefined, { living: false, ended: 'crash' }, 0)).toMatchObject({ power: 'Halted', ended: 'crash' });
  });

  it('keeps the reason until it lives again', () => {
    const asked = { ...entryOf(off), known: nextKnown({ ...entryOf(running), asked: 1 }, off, undefined, 0) };
    // libvirt goes on saying that the guest shut down.
    expect(nextKnown(asked, { ...off, ended: 'shutdown' }, undefined, 0).ended).toBeUndefined();
    const crashed = { ...entryOf(off), known: nextKnown(entryOf(running), { ...off, ended: 'crash' }, undefined, 0) };
    expect(nextKnown(crashed, off, undefined, 0).ended).toBe('crash');
    expect(nextKnown(crashed, running, undefined, 9)).toMatchObject({ power: 'Running', ended: undefined, startedAt: 9 });
  });

  it('is another life under another number', () => {
    const { known } = entryOf(running);
    expect(isSameLife(known, { ...running, power: 'Paused' })).toBe(true);
    expect(isSameLife(known, { ...running, id: 8 })).toBe(false);
    expect(isSameLife(known, undefined)).toBe(false);
    expect(isSameLife(known, { ...running, power: 'arriving' })).toBe(false);
  });
});

describe('what listeners are told', () => {
  const state: DomainState = domainState(entryOf(running).known);

  it('is what is new to them', () => {
    expect(tellsNothingNew(state, { ...state })).toBe(true);
    for (const change of [{ power: 'Paused' }, { domid: 8 }, { startedAt: 6 }, { memory: 65 }, { ended: 'crash' }] as const)
      expect(tellsNothingNew(state, { ...state, ...change })).toBe(false);
  });

  it('is nothing of a domain that was off and is', () => {
    const halted: DomainState = { uuid, power: 'Halted', domid: -1, startedAt: 0 };
    expect(tellsNothingNew(undefined, halted)).toBe(true);
    expect(tellsNothingNew(halted, { ...halted, ended: 'shutdown' })).toBe(true);
    expect(tellsNothingNew(undefined, { ...halted, power: 'Suspended' })).toBe(false);
  });
});

describe('an event', () => {
  it('says how a domain came to life, and how it ended', () => {
    const { STARTED, STOPPED, DEFINED } = DomainEventLifecycle;
    const { SHUTDOWN, DESTROYED, FAILED } = DomainEventStoppedDetailType;
    expect(hintOf(STARTED, DomainEventStartedDetailType.MIGRATED)).toEqual({ living: true, migrated: true });
    expect(hintOf(STARTED, DomainEventStartedDetailType.BOOTED)).toEqual({ living: true, migrated: false });
    expect(hintOf(STOPPED, SHUTDOWN)).toEqual({ living: false, ended: 'shutdown' });
    expect(hintOf(STOPPED, FAILED)).toEqual({ living: false, ended: 'crash' });
    expect(hintOf(STOPPED, DESTROYED)).toEqual({ living: false });
    expect(hintOf(DEFINED, 0)).toBeUndefined();
  });
});
