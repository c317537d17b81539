import { describe, expect, it } from 'vitest';
import { ApiError } from '../model/error.js';
import { NULL_REF, type Ref } from '../model/ref.js';
import type { CommittedChange } from './commit.js';
import type { Database } from './database.js';
import { MemoryContents, MemoryStore } from './memory-store.js';
import { openDatabase } from './open.js';

function open(contents = new MemoryContents()): Promise<Database> {
  return openDatabase(new MemoryStore(contents), (error) => {
    throw error;
  });
}

function changesOf(db: Database, work: () => void): string[] {
  let seen: readonly CommittedChange[] = [];
  const stop = db.onChange((changes) => {
    seen = changes;
  });
  work();
  stop();
  return seen.map((c) => `${c.kind} ${c.table.model.name}`).sort();
}

describe('objects', () => {
  it('have initial values for what their maker does not say, and a uuid', async () => {
    const db = await open();
    const vm = db.create('VM', { name_label: 'a' });
    expect(db.get('VM', vm)).toMatchObject({
      name_label: 'a',
      power_state: 'Halted',
      tags: [],
      affinity: NULL_REF,
      snapshot_time: '19700101T00:00:00Z',
    });
    expect(db.byUuid('VM', db.get('VM', vm).uuid)).toBe(vm);
  });

  it('are not found under another class or when gone', async () => {
    const db = await open();
    const vm = db.create('VM', {});
    expect(() => db.get('network', vm)).toThrow(new ApiError('HANDLE_INVALID', 'network', vm));
    const { uuid } = db.get('VM', vm);
    db.destroy('VM', vm);
    expect(() => db.get('VM', vm)).toThrow('HANDLE_INVALID');
    expect(() => db.byUuid('VM', uuid)).toThrow('UUID_INVALID');
  });

  it('keep their old version for whoever holds it', async () => {
    const db = await open();
    const vm = db.create('VM', { name_label: 'before' });
    const held = db.record('VM', vm);
    db.set('VM', vm, { name_label: 'after' });
    expect(held.fields.name_label).toBe('before');
    expect(db.get('VM', vm).name_label).toBe('after');
  });
});

describe('relations', () => {
  it('keep both sides in step', async () => {
    const db = await open();
    const [one, two] = [db.create('VM', {}), db.create('VM', {})];
    const vbd = db.create('VBD', { VM: one });
    expect(db.get('VM', one).VBDs).toEqual([vbd]);
    db.set('VBD', vbd, { VM: two });
    expect([db.get('VM', one).VBDs, db.get('VM', two).VBDs]).toEqual([[], [vbd]]);
    db.destroy('VBD', vbd);
    expect(db.get('VM', two).VBDs).toEqual([]);
  });

  it('keep both sets of a many-to-many relation', async () => {
    const db = await open();
    const vm = db.create('VM', {});
    const [one, two] = [db.create('VM_group', {}), db.create('VM_group', {})];
    db.set('VM', vm, { groups: [one, two] });
    db.set('VM', vm, { groups: [two] });
    expect([db.get('VM_group', one).VMs, db.get('VM_group', two).VMs]).toEqual([[], [vm]]);
  });
});

describe('transactions', () => {
  it('are one change, whatever they write', async () => {
    const db = await open();
    const before = db.generation;
    const seen = changesOf(db, () =>
      db.transaction(() => {
        const vm = db.create('VM', {});
        db.set('VM', vm, { name_label: 'a' });
        db.create('VBD', { VM: vm });
        db.destroy('VM', db.create('VM', {}));
      }),
    );
    expect(seen).toEqual(['add VBD', 'add VM']);
    expect(db.generation).toBe(before + 1);
  });

  it('leave nothing behind when they throw', async () => {
    const db = await open();
    const vm = db.create('VM', { name_label: 'kept' });
    const vbd = db.create('VBD', { VM: vm });
    const { generation } = db;
    const seen = changesOf(db, () => {
      expect(() =>
        db.transaction(() => {
          db.create('network', {});
          db.set('VM', vm, { name_label: 'changed' });
          db.destroy('VBD', vbd);
          db.destroy('VM', vm);
          throw new Error('stop');
        }),
      ).toThrow('stop');
    });
    expect(seen).toEqual([]);
    expect(db.generation).toBe(generation);
    expect(db.get('VM', vm)).toMatchObject({ name_label: 'kept', VBDs: [vbd] });
    expect(db.byUuid('VM', db.get('VM', vm).uuid)).toBe(vm);
    expect(db.table('network').rows.size).toBe(0);
  });

  it('go on without an inner one that failed and was caught', async () => {
    const db = await open();
    const kept = db.create('VM', { name_label: 'kept' });
    const vbd = db.create('VBD', { VM: kept });
    const seen = changesOf(db, () =>
      db.transaction(() => {
        const made = db.create('VM', { name_label: 'made' });
        expect(() =>
          db.transaction(() => {
            db.set('VM', made, { name_label: 'renamed' });
            db.set('VM', kept, { name_label: 'renamed' });
            db.destroy('VBD', vbd);
            db.create('network', {});
            throw new Error('stop');
          }),
        ).toThrow('stop');
        db.transaction(() => db.set('VM', made, { name_description: 'second' }));
        expect(db.get('VM', made)).toMatchObject({ name_label: 'made', name_description: 'second' });
      }),
    );
    expect(seen).toEqual(['add VM']);
    expect(db.get('VM', kept)).toMatchObject({ name_label: 'kept', VBDs: [vbd] });
    expect(db.table('network').rows.size).toBe(0);
  });

  it('may not wait', async () => {
    const db = await open();
    expect(() => db.transaction(async () => db.create('VM', {}))).toThrow('may not wait');
    expect(db.table('VM').rows.size).toBe(0);
  });

  it('make no change of a value that stays', async () => {
    const db = await open();
    const vm = db.create('VM', { tags: ['a'], other_config: new Map([['k', 'v']]) });
    expect(changesOf(db, () => db.set('VM', vm, { tags: ['a'], other_config: new Map([['k', 'v']]) }))).toEqual([]);
    expect(changesOf(db, () => db.touch('VM', vm))).toEqual(['touch VM']);
  });
});

describe('order of change', () => {
  it('gives what changed since a generation, newest first, without looking at the rest', async () => {
    const db = await open();
    const vms = Array.from({ length: 5 }, () => db.create('VM', {}));
    const since = db.generation;
    db.set('VM', vms[3] as string, { name_label: 'x' });
    db.set('VM', vms[1] as string, { name_label: 'y' });
    expect([...db.table('VM').changedSince(since)].map((row) => row.ref)).toEqual([vms[1], vms[3]]);
    db.destroy('VM', vms[3] as string);
    expect([...db.table('VM').changedSince(since)].map((row) => row.ref)).toEqual([vms[1]]);
    expect([...db.table('VM').deletedSince(since)].map((gone) => gone.ref)).toEqual([vms[3]]);
  });

  it('is as it was after a transaction that failed', async () => {
    const db = await open();
    const [one, two, three] = [db.create('VM', {}), db.create('VM', {}), db.create('VM', {})];
    expect(() =>
      db.transaction(() => {
        db.destroy('VM', two);
        throw new Error('stop');
      }),
    ).toThrow('stop');
    expect([...db.table('VM').changedSince(-1)].map((row) => row.ref)).toEqual([three, two, one]);
  });
});

describe('a store', () => {
  it('gives everything back that was durable', async () => {
    const contents = new MemoryContents();
    const first = await open(contents);
    const vm = first.create('VM', {
      name_label: 'é "x"',
      other_config: new Map([['__proto__', '1']]),
      tags: ['b', 'a'],
      HVM_shadow_multiplier: 1.5,
      memory_static_max: 2 ** 40,
    });
    const vbd = first.create('VBD', { VM: vm });
    const group = first.create('VM_group', {});
    first.set('VM', vm, { groups: [group] });
    const gone = first.create('VM', {});
    first.destroy('VM', gone);
    first.create('task', {});
    await first.durable();
    const second = await open(contents);
    expect(second.get('VM', vm)).toEqual(first.get('VM', vm));
    expect(second.get('VM', vm).VBDs).toEqual([vbd]);
    expect(second.get('VM_group', group).VMs).toEqual([vm]);
    expect(second.exists('VM', gone)).toBe(false);
    expect(second.table('task').rows.size).toBe(0);
    expect(second.generation).toBeGreaterThan(first.generation);
  });

  it('shares one write among many changes, and none is durable before it is', async () => {
    const store = new MemoryStore();
    let writes = 0;
    const write = store.write.bind(store);
    store.write = async (batch) => {
      writes++;
      await new Promise((resolve) => setTimeout(resolve, 5));
      return write(batch);
    };
    const db = await openDatabase(store, () => undefined);
    await db.durable();
    writes = 0;
    for (let i = 0; i < 100; i++) db.create('VM', {});
    expect(db.behind).toBe(true);
    await db.durable();
    expect(db.behind).toBe(false);
    expect(writes).toBe(1);
  });

  it('that fails makes nothing durable any more', async () => {
    const store = new MemoryStore();
    const failures: Error[] = [];
    const db = await openDatabase(store, (error) => failures.push(error));
    await db.durable();
    store.write = () => Promise.reject(new Error('disk full'));
    db.create('VM', {});
    await expect(db.durable()).rejects.toThrow('disk full');
    await expect(db.durable()).rejects.toThrow('disk full');
    expect(failures).toHaveLength(1);
  });
});

describe('a change of what is not kept on disk', () => {
  it('writes nothing', async () => {
    const store = new MemoryStore();
    const db = await openDatabase(store, () => undefined);
    const vm = db.create('VM', {});
    await db.durable();
    const written: string[] = [];
    const write = store.write.bind(store);
    store.write = (batch) => {
      written.push(...batch.rows.map((row) => row.className));
      return write(batch);
    };
    db.set('VM', vm, { allowed_operations: ['start'], current_operations: new Map([['task', 'start']]) });
    db.touch('VM', vm);
    db.create('task', {});
    await db.durable();
    expect(written).toEqual([]);
    db.transaction(() => {
      db.set('VM', vm, { allowed_operations: [] });
      db.create('VBD', { VM: vm });
    });
    await db.durable();
    expect(written).toEqual(['VBD']);
    db.set('VM', vm, { name_label: 'x' });
    await db.durable();
    expect(written).toEqual(['VBD', 'VM']);
  });
});

describe('what is removed', () => {
  it('is gone from the disk too when it was only touched before in the same transaction', async () => {
    const contents = new MemoryContents();
    const db = await open(contents);
    const vm = db.create('VM', {});
    const vbd = db.create('VBD', { VM: vm });
    await db.durable();
    db.transaction(() => {
      db.destroy('VBD', vbd);
      db.destroy('VM', vm);
    });
    await db.durable();
    const again = await open(contents);
    expect([again.exists('VM', vm), again.exists('VBD', vbd)]).toEqual([false, false]);
  });
});

describe('a uuid', () => {
  it('belongs to one object of a class', async () => {
    const db = await open();
    const vm = db.create('VM', { uuid: 'u' });
    expect(() => db.create('VM', { uuid: 'u' })).toThrow('exists already');
    expect([db.byUuid('VM', 'u'), db.table('VM').rows.size]).toEqual([vm, 1]);
    db.create('VDI', { uuid: 'u' });
  });

  it('that changes leads to the object from then on, and not when the change is given up', async () => {
    const db = await open();
    const vm = db.create('VM', { uuid: 'old' });
    expect(() =>
      db.transaction(() => {
        db.set('VM', vm, { uuid: 'new' });
        throw new Error('given up');
      }),
    ).toThrow('given up');
    expect(db.byUuid('VM', 'old')).toBe(vm);
    expect(() => db.byUuid('VM', 'new')).toThrow('UUID_INVALID');
    db.set('VM', vm, { uuid: 'new' });
    expect(db.byUuid('VM', 'new')).toBe(vm);
    expect(() => db.byUuid('VM', 'old')).toThrow('UUID_INVALID');
  });
});

describe('listeners', () => {
  it('cannot undo a change, and all of them hear of it', async () => {
    const contents = new MemoryContents();
    const db = await open(contents);
    let heard = 0;
    const stop = db.onChange(() => {
      throw new Error('a bad listener');
    });
    db.onChange(() => heard++);
    const vm = 'OpaqueRef:vm' as Ref<'VM'>;
    expect(() => db.create('VM', {}, vm)).toThrow('a bad listener');
    expect([db.exists('VM', vm), heard]).toEqual([true, 1]);
    stop();
    await db.durable();
    expect((await open(contents)).exists('VM', vm)).toBe(true);
  });

  it('may write: that is a change of its own', async () => {
    const contents = new MemoryContents();
    const db = await open(contents);
    const kinds: string[] = [];
    db.onChange((changes) => {
      kinds.push(...changes.map(({ kind, table }) => `${kind} ${table.model.name}`));
      if (changes.some(({ table }) => table.model.name === 'VM')) db.create('network', {});
    });
    db.create('VM', {});
    expect(kinds).toEqual(['add VM', 'add network']);
    await db.durable();
    expect((await open(contents)).table('network').rows.size).toBe(1);
  });
});

describe('long work as one write', () => {
  it('that fails leaves nothing on the disk, and nobody waits for it for ever', async () => {
    const contents = new MemoryContents();
    const db = await open(contents);
    await db.durable();
    const waiting: Promise<void>[] = [];
    const work = db.asOneWrite(async () => {
      db.create('VM', {});
      waiting.push(db.durable());
      throw new Error('no host');
    });
    await expect(work).rejects.toThrow('no host');
    await expect(waiting[0]).rejects.toThrow('no host');
    db.create('VM', {});
    await expect(db.durable()).rejects.toThrow('no host');
    expect((await open(contents)).table('VM').rows.size).toBe(0);
  });
});
