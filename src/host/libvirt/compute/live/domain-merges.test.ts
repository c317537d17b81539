import { describe, expect, it } from 'vitest';
import { DomainMerges } from './domain-merges.js';

const UUID = 'a5a5a5a5-0000-4000-8000-000000000001';

describe('what is done to the layers of disks by itself', () => {
  it('does not begin in a domain that somebody holds, or two do', async () => {
    const merges = new DomainMerges();
    let end: () => void = () => undefined;
    const first = merges.hold(UUID, () => new Promise<void>((resolve) => (end = resolve)));
    await merges.hold(UUID, async () => undefined);
    expect([merges.isHeld(UUID), merges.isHeld('another')]).toEqual([true, false]);
    end();
    await first;
    expect(merges.isHeld(UUID)).toBe(false);
  });

  it('is waited for by who holds a domain next', async () => {
    const merges = new DomainMerges();
    const order: string[] = [];
    const turn = merges.turn(UUID, async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push('turn');
    });
    expect(merges.isHeld(UUID)).toBe(true);
    await merges.hold(UUID, async () => void order.push('held'));
    await turn;
    expect(order).toEqual(['turn', 'held']);
  });

  it('ends for work that libvirt does not do meanwhile, and only in that domain', async () => {
    const merges = new DomainMerges();
    const ended: string[] = [];
    const commit = (name: string) => ({ giveUp: async () => void ended.push(name) });
    const over = merges.add(UUID, commit('over'));
    merges.add(UUID, commit('own'));
    merges.add('another', commit('other'));
    over();
    await merges.without(UUID, async () => void ended.push('work'));
    expect(ended).toEqual(['own', 'work']);
  });
});
