import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store, StoreBatch, StoredRow } from './store.js';

/** A place where stores of one kind keep things: `open` again on the same place finds what earlier ones kept. */
export interface StorePlace {
  open(): Promise<Store>;
  remove(): Promise<void>;
}

/** What every store must do. */
export function storeContract(name: string, makePlace: () => Promise<StorePlace>): void {
  describe(`store contract: ${name}`, () => {
    let place: StorePlace;
    let store: Store;

    beforeEach(async () => {
      place = await makePlace();
      store = await place.open();
    });
    afterEach(async () => {
      await store.close();
      await place.remove();
    });

    const reopen = async (): Promise<void> => {
      await store.close();
      store = await place.open();
    };

    it('is empty at first', async () => {
      expect(await contents(store)).toEqual({ rows: [], meta: {} });
    });

    it('gives back what was written, after it was opened again', async () => {
      await store.write(batch([row('VM', 'a', '{"name":"één 😀\\u0000"}'), row('VDI', 'b', '')], { generation: '7' }));
      await reopen();
      expect(await contents(store)).toEqual({
        rows: [row('VDI', 'b', ''), row('VM', 'a', '{"name":"één 😀\\u0000"}')],
        meta: { generation: '7' },
      });
    });

    it('replaces and removes', async () => {
      await store.write(batch([row('VM', 'a', '1'), row('VM', 'b', '1')], { generation: '1', epoch: 'x' }));
      await store.write(batch([row('VM', 'a', '2'), row('VM', 'b', null), row('VM', 'never', null)], { generation: '2' }));
      await reopen();
      expect(await contents(store)).toEqual({ rows: [row('VM', 'a', '2')], meta: { generation: '2', epoch: 'x' } });
    });

    it('keeps objects of two classes apart even when their references are alike', async () => {
      await store.write(batch([row('VM', 'a', 'machine'), row('VDI', 'a', 'disk')]));
      await store.write(batch([row('VM', 'a', null)]));
      expect(await contents(store)).toEqual({ rows: [row('VDI', 'a', 'disk')], meta: {} });
    });

    it('applies writes that were issued without waiting in their order', async () => {
      const writes = Array.from({ length: 500 }, (_, n) => store.write(batch([row('VM', 'a', `${n}`), row('VM', `${n}`, 'x')])));
      await Promise.all(writes);
      await reopen();
      const { rows } = await contents(store);
      expect(rows).toHaveLength(501);
      expect(rows).toContainEqual(row('VM', 'a', '499'));
    });

    it('finishes on close what was issued before', async () => {
      const written = store.write(batch([row('VM', 'a', '1')]));
      await reopen();
      await written;
      expect((await contents(store)).rows).toEqual([row('VM', 'a', '1')]);
    });

    it('accepts an empty batch', async () => {
      await store.write(batch([]));
      expect(await contents(store)).toEqual({ rows: [], meta: {} });
    });

    it('refuses work after it was closed, and may be closed twice', async () => {
      await store.close();
      await store.close();
      await expect(store.write(batch([row('VM', 'a', '1')]))).rejects.toThrow('closed');
      await expect(store.load()).rejects.toThrow('closed');
    });
  });
}

export function row(className: string, ref: string, text: string | null): StoredRow {
  return { className, ref, text };
}

export function batch(rows: readonly StoredRow[], meta: Readonly<Record<string, string>> = {}): StoreBatch {
  return { rows, meta: new Map(Object.entries(meta)) };
}

/** What a store holds, in an order that can be compared. */
export async function contents(store: Store): Promise<{ rows: StoredRow[]; meta: Record<string, string> }> {
  const { rows, meta } = await store.load();
  const key = ({ className, ref }: StoredRow): string => `${className} ${ref}`;
  return { rows: [...rows].sort((a, b) => (key(a) < key(b) ? -1 : 1)), meta: Object.fromEntries(meta) };
}
