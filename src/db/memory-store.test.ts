import { describe, expect, it } from 'vitest';
import { MemoryContents, MemoryStore } from './memory-store.js';
import { batch, contents, row, storeContract } from './store.contract.js';

storeContract('memory', async () => {
  const kept = new MemoryContents();
  return { open: async () => new MemoryStore(kept), remove: async () => undefined };
});

describe('MemoryStore', () => {
  it('gives a copy, which later writes do not change', async () => {
    const store = new MemoryStore();
    await store.write(batch([row('VM', 'a', '1')], { generation: '1' }));
    const before = await store.load();
    await store.write(batch([row('VM', 'b', '1')], { generation: '2' }));
    expect([...before.rows]).toEqual([row('VM', 'a', '1')]);
    expect(before.meta.get('generation')).toBe('1');
  });

  it('shares nothing with another store', async () => {
    await new MemoryStore().write(batch([row('VM', 'a', '1')]));
    expect((await contents(new MemoryStore())).rows).toEqual([]);
  });
});
