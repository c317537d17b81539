import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import { tarOf } from '../../wire/xva/test-bytes.js';
import { type PoolFixture, poolFixture, vmPlan } from '../testing/pool-fixture.js';
import { superuserCaller } from '../testing/superuser-caller.js';
import { descriptionOf, disksOf, exported, filesOf, imported, readDisk, writeDisk } from './testing/vm-files.js';

const MIB = 2 ** 20;
const SIZE = 12 * MIB + 512;

let pool: PoolFixture;
let call: ReturnType<typeof superuserCaller>;
let vm: Ref<'VM'>;
let sr: Ref<'SR'>;

const head = randomBytes(3 * MIB);
const tail = randomBytes(1000);

beforeEach(async () => {
  const disk = (name: string, size: number) => ({ name, size, sr: undefined });
  pool = await poolFixture({
    vms: [vmPlan('11111111-1111-4111-8111-111111111111', { disks: [disk('system', SIZE), disk('data', 2 * MIB)] })],
  });
  call = superuserCaller(pool.api);
  vm = pool.vm('vm-11');
  sr = pool.db.get('pool', pool.api.pool).default_SR;
  const [system, data] = disksOf(pool.api, vm);
  if (!system || !data) throw new Error('the VM has no disks');
  await writeDisk(pool.api, system, 0, head);
  await writeDisk(pool.api, system, 7 * MIB + 5, Buffer.from('in the middle'));
  await writeDisk(pool.api, system, SIZE - tail.length, tail);
  pool.db.set('VM', vm, { name_description: 'æ <b> & "q"', tags: ['one', 'two'], VCPUs_params: new Map([['weight', '7']]) });
});
afterEach(() => pool.close());

/** How many objects of each class there are that an import could leave behind. */
function counts(): Record<string, number> {
  const classes = ['VM', 'VBD', 'VIF', 'VDI', 'VM_metrics', 'VM_guest_metrics', 'network', 'VBD_metrics', 'VIF_metrics'] as const;
  return Object.fromEntries(classes.map((name) => [name, pool.db.table(name).rows.size]));
}

async function volumes(): Promise<number> {
  const [host] = pool.emulated.hosts;
  return (await host?.storage.scan(pool.db.get('SR', sr).uuid))?.length ?? -1;
}

/** Notes on imports that go on. */
async function notes(): Promise<string[]> {
  return readdir(join(pool.api.dataDir, 'unfinished-imports')).catch(() => []);
}

function only(vms: readonly Ref<'VM'>[]): Ref<'VM'> {
  const [first] = vms;
  if (first === undefined || vms.length !== 1) throw new Error(`${vms.length} VMs were imported`);
  return first;
}

/** What must be the same of a VM and its copy. */
function comparable(fields: Fields<'VM'>): Partial<Fields<'VM'>> {
  const { uuid, VBDs, VIFs, metrics, guest_metrics, other_config, generation_id, ...rest } = fields;
  const own = ['mac_seed', 'import_task'];
  return { ...rest, other_config: new Map([...other_config].filter(([key]) => !own.includes(key))) };
}

describe('a file', () => {
  it('holds the first and the last piece of a disk, and what is not zeros between them', async () => {
    const file = await exported(pool.api, vm);
    const names = [...(await filesOf(file)).keys()];
    const [system = ''] = names.flatMap((name) => /^(Ref:\d+)\/00000012$/.exec(name)?.[1] ?? []);
    expect(names.filter((name) => name.startsWith(`${system}/`) && !name.endsWith('.xxhash'))).toEqual(
      ['00000000', '00000001', '00000002', '00000007', '00000011', '00000012'].map((number) => `${system}/${number}`),
    );
    expect(names[0]).toBe('ova.xml');
    expect(names.filter((name) => name.endsWith('.xxhash'))).toHaveLength((names.length - 1) / 2);
  });

  it('tells of nothing that is not in it', async () => {
    const { objects } = await descriptionOf(await exported(pool.api, vm));
    const ids = new Set(objects.map(({ id }) => id));
    expect(objects.map(({ className }) => className).filter((name, i, all) => all.indexOf(name) === i)).toEqual([
      'VM',
      'VM_metrics',
      'VBD',
      'VIF',
      'network',
      'VDI',
      'SR',
    ]);
    const texts = objects
      .flatMap(({ fields }) => [...fields.values()])
      .flatMap((value) => (Array.isArray(value) ? value : [value]));
    const references = texts.filter((value): value is string => typeof value === 'string' && /^(?:OpaqueRef|Ref):/.test(value));
    expect(references.filter((ref) => ref !== 'OpaqueRef:NULL' && !ids.has(ref))).toEqual([]);
  });

  it('is not made of a VM that runs', async () => {
    await call('VM.start', vm, false, false);
    await expect(exported(pool.api, vm)).rejects.toMatchObject({ code: 'VM_BAD_POWER_STATE' });
  });

  it('shows the operation while it is made, and keeps its disks', async () => {
    let during: unknown;
    const stop = pool.db.onChange(() => {
      during ??= [...pool.db.get('VM', vm).current_operations.values()][0];
    });
    await exported(pool.api, vm);
    stop();
    expect(during).toBe('export');
    expect(pool.db.get('VM', vm).current_operations.size).toBe(0);
  });
});

describe('an import', () => {
  it('makes the same VM with a new identity', async () => {
    const copy = only(await imported(pool.api, await exported(pool.api, vm), sr));
    const { db } = pool;
    expect(comparable(db.get('VM', copy))).toEqual(comparable(db.get('VM', vm)));
    expect(db.get('VM', copy).uuid).not.toBe(db.get('VM', vm).uuid);
    expect(db.get('VM', copy).other_config.get('mac_seed')).not.toBe(db.get('VM', vm).other_config.get('mac_seed'));
    expect([...db.get('VM', copy).other_config.keys()]).not.toContain('unfinished_import');
    const [card, other] = [copy, vm].map((ref) => db.get('VIF', db.get('VM', ref).VIFs[0] ?? ''));
    expect(card?.network).toBe(other?.network);
    expect(card?.MAC).not.toBe(other?.MAC);
    const drives = (ref: Ref<'VM'>) =>
      db
        .get('VM', ref)
        .VBDs.map((vbd) => db.get('VBD', vbd))
        .map(({ userdevice, type, mode, bootable, empty }) => ({ userdevice, type, mode, bootable, empty }))
        .sort((a, b) => Number(a.userdevice) - Number(b.userdevice));
    expect(drives(copy)).toEqual(drives(vm));
    expect(await notes()).toEqual([]);
  });

  it('brings the data of all disks', async () => {
    const copy = only(await imported(pool.api, await exported(pool.api, vm), sr));
    const [from, to] = [disksOf(pool.api, vm), disksOf(pool.api, copy)];
    expect(to.map((vdi) => pool.db.get('VDI', vdi).virtual_size)).toEqual([SIZE, 2 * MIB]);
    for (const [i, vdi] of to.entries()) {
      const { virtual_size, name_label, SR, current_operations } = pool.db.get('VDI', vdi);
      expect({ name_label, SR, busy: current_operations.size }).toEqual({
        name_label: pool.db.get('VDI', from[i] ?? '').name_label,
        SR: sr,
        busy: 0,
      });
      const [one, other] = await Promise.all([from[i] ?? vdi, vdi].map((disk) => readDisk(pool.api, disk, 0, virtual_size)));
      expect(one?.equals(other ?? Buffer.alloc(0)), name_label).toBe(true);
    }
  });

  it('keeps everybody off what it makes, until it has ended', async () => {
    const file = await exported(pool.api, vm);
    const seen = new Set<string>();
    const stop = pool.db.onChange((changes) => {
      for (const { table, row, kind } of changes) {
        if (kind !== 'add' || table.model.name !== 'VM') continue;
        const fields = pool.db.get('VM', row.ref);
        seen.add(`${fields.allowed_operations.join()}|${[...fields.current_operations.values()].join()}`);
      }
    });
    const copy = only(await imported(pool.api, file, sr));
    stop();
    expect([...seen]).toEqual(['|import']);
    expect(pool.db.get('VM', copy).allowed_operations).toContain('start');
    await call('VM.start', copy, false, false);
  });

  it('restores a VM that is gone, as it was', async () => {
    const { db } = pool;
    const before = db.get('VM', vm);
    const card = db.get('VIF', before.VIFs[0] ?? '');
    const drives = before.VBDs.map((vbd) => db.get('VBD', vbd).uuid);
    const file = await exported(pool.api, vm);
    await call('VM.destroy', vm);
    const back = only(await imported(pool.api, file, sr, { restore: true }));
    const after = db.get('VM', back);
    expect(after.uuid).toBe(before.uuid);
    expect(db.table('VM').refsByUuid.get(before.uuid)).toBe(back);
    expect(after.version).toBe(before.version + 1);
    expect(after.other_config.get('mac_seed')).toBe(before.other_config.get('mac_seed'));
    const { uuid, MAC, MAC_autogenerated } = db.get('VIF', after.VIFs[0] ?? '');
    expect({ uuid, MAC, MAC_autogenerated }).toEqual({
      uuid: card.uuid,
      MAC: card.MAC,
      MAC_autogenerated: card.MAC_autogenerated,
    });
    expect(after.VBDs.map((vbd) => db.get('VBD', vbd).uuid).sort()).toEqual(drives.sort());
  });

  it('restores over a VM only by force, or when the file is newer', async () => {
    const { db } = pool;
    const file = await exported(pool.api, vm);
    await expect(imported(pool.api, file, sr, { restore: true })).rejects.toMatchObject({
      code: 'VM_TO_IMPORT_IS_NOT_NEWER_VERSION',
      params: [vm, '0', '0'],
    });
    expect(db.exists('VM', vm)).toBe(true);
    const { uuid } = db.get('VM', vm);
    const back = only(await imported(pool.api, file, sr, { restore: true, force: true }));
    expect(db.exists('VM', vm)).toBe(false);
    expect(db.get('VM', back).uuid).toBe(uuid);
    await call('VM.start', back, false, false);
    await expect(imported(pool.api, file, sr, { restore: true })).rejects.toMatchObject({ code: 'VM_BAD_POWER_STATE' });
  });

  it('does not restore a VM whose addresses another one has', async () => {
    const file = await exported(pool.api, vm);
    const seed = pool.db.get('VM', vm).other_config.get('mac_seed') ?? '';
    pool.db.set('VM', vm, { uuid: '22222222-2222-4222-8222-222222222222' });
    await expect(imported(pool.api, file, sr, { restore: true })).rejects.toMatchObject({
      code: 'DUPLICATE_MAC_SEED',
      params: [seed],
    });
  });

  it('brings back the saved memory of a suspended VM', async () => {
    await call('VM.start', vm, false, false);
    await call('VM.suspend', vm);
    const file = await exported(pool.api, vm, true);
    const copy = only(await imported(pool.api, file, sr));
    const { power_state, suspend_VDI, VBDs } = pool.db.get('VM', copy);
    expect(power_state).toBe('Suspended');
    expect(VBDs.map((vbd) => pool.db.get('VBD', vbd).currently_attached)).toEqual(
      pool.db.get('VM', vm).VBDs.map((vbd) => pool.db.get('VBD', vbd).currently_attached),
    );
    const { virtual_size } = pool.db.get('VDI', suspend_VDI);
    const [from, to] = await Promise.all(
      [pool.db.get('VM', vm).suspend_VDI, suspend_VDI].map((vdi) => readDisk(pool.api, vdi, 0, Math.min(virtual_size, 2 * MIB))),
    );
    expect(from?.equals(to ?? Buffer.alloc(0))).toBe(true);
    const halted = only(await imported(pool.api, await exported(pool.api, vm), sr));
    expect(pool.db.get('VM', halted).power_state).toBe('Halted');
  });

  it('makes a network that the pool does not have, and goes back to it the next time', async () => {
    const { db } = pool;
    const network = db.get('VIF', db.get('VM', vm).VIFs[0] ?? '').network;
    const file = await exported(pool.api, vm);
    db.set('network', network, { name_label: 'another name', bridge: 'other0' });
    const copy = only(await imported(pool.api, file, sr));
    const made = db.get('VIF', db.get('VM', copy).VIFs[0] ?? '').network;
    expect(made).not.toBe(network);
    expect(db.get('network', made).other_config.has('import_task')).toBe(true);
    const next = only(await imported(pool.api, file, sr));
    expect(db.get('VIF', db.get('VM', next).VIFs[0] ?? '').network).toBe(made);
  });

  it('leaves a template a template, and its CD in the drive where the pool has it', async () => {
    const { db } = pool;
    const [iso] = db.filter('VDI', ({ SR }) => db.get('SR', SR).content_type === 'iso');
    const drive = db.get('VM', vm).VBDs.find((vbd) => db.get('VBD', vbd).type === 'CD');
    if (!iso || drive === undefined) throw new Error('no CD');
    await call('VBD.insert', drive, iso[0]);
    await call('VM.set_is_a_template', vm, true);
    const file = await exported(pool.api, vm);
    expect([...(await filesOf(file)).keys()].filter((name) => name.endsWith('00000000'))).toHaveLength(2);
    const copy = only(await imported(pool.api, file, sr));
    const cd = db
      .get('VM', copy)
      .VBDs.map((vbd) => db.get('VBD', vbd))
      .find(({ type }) => type === 'CD');
    expect(db.get('VM', copy).is_a_template).toBe(true);
    expect(cd).toMatchObject({ VDI: iso[0], empty: false });
  });
});

describe('an import that fails leaves nothing', () => {
  it('wherever the file ends', async () => {
    const file = await exported(pool.api, vm);
    const [before, stored] = [counts(), await volumes()];
    const cuts = [0, 1, 300, 512, 2000, 30_000, 60_000, MIB, 2 * MIB, 3 * MIB + 4321, file.length - 2 * MIB, file.length - 2000];
    for (const cut of cuts) {
      await expect(imported(pool.api, file.subarray(0, cut), sr), `${cut} bytes`).rejects.toMatchObject({
        code: 'IMPORT_ERROR_PREMATURE_EOF',
      });
      expect(counts(), `${cut} bytes`).toEqual(before);
      expect(await volumes(), `${cut} bytes`).toBe(stored);
    }
    expect(await notes()).toEqual([]);
  });

  it('when a byte of a disk is not what it was, unless that is forced', async () => {
    const file = await exported(pool.api, vm);
    const at = file.indexOf('in the middle');
    file[at] = 0x58;
    const before = counts();
    await expect(imported(pool.api, file, sr)).rejects.toMatchObject({ code: 'IMPORT_ERROR_SOME_CHECKSUMS_FAILED' });
    expect(counts()).toEqual(before);
    only(await imported(pool.api, file, sr, { force: true }));
  });

  it('when a reference leads out of the file', async () => {
    const files = await filesOf(await exported(pool.api, vm));
    const text = files.get('ova.xml')?.toString() ?? '';
    const before = counts();
    const foreign = (member: string) =>
      text.replace(new RegExp(`(<name>${member}</name><value>)Ref:\\d+`), `$1${disksOf(pool.api, vm)[0]}`);
    for (const member of ['VDI', 'VM', 'network', 'SR']) {
      expect(foreign(member), member).not.toBe(text);
      files.set('ova.xml', Buffer.from(foreign(member)));
      await expect(imported(pool.api, tarOf(files), sr), member).rejects.toMatchObject({
        code: 'IMPORT_ERROR_FAILED_TO_FIND_OBJECT',
        params: [disksOf(pool.api, vm)[0]],
      });
      expect(counts(), member).toEqual(before);
    }
  });

  it('when it was written by a version that nobody knows, or begins with something else', async () => {
    const files = await filesOf(await exported(pool.api, vm));
    const text = files.get('ova.xml')?.toString() ?? '';
    const changed = (from: string, to: string) => tarOf([...files, ['ova.xml', text.replace(from, to)] as const].slice(-1));
    await expect(imported(pool.api, changed('<value>25</value>', '<value>27</value>'), sr)).rejects.toMatchObject({
      code: 'IMPORT_INCOMPATIBLE_VERSION',
    });
    await expect(imported(pool.api, tarOf([['evil.xml', text]]), sr)).rejects.toMatchObject({
      code: 'IMPORT_ERROR_UNEXPECTED_FILE',
      params: ['ova.xml', 'evil.xml'],
    });
  });

  it('when the task is cancelled or the client goes', async () => {
    const file = await exported(pool.api, vm);
    const before = counts();
    const stop = pool.db.onChange((changes) => {
      const task = changes.find(({ table }) => table.model.name === 'VM') && [...pool.db.table('task').rows.keys()].at(-1);
      if (task !== undefined) pool.api.tasks.cancel(task, task);
    });
    await expect(imported(pool.api, file, sr)).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
    stop();
    expect(counts()).toEqual(before);
  });

  it('when the daemon is killed in the middle', async () => {
    const file = await exported(pool.api, vm);
    const [before, stored] = [counts(), await volumes()];
    let isWaiting = false;
    // A file that never goes on.
    const waiting = (async function* () {
      yield file.subarray(0, 2 * MIB);
      isWaiting = true;
      await new Promise(() => undefined);
    })();
    const { importVms } = await import('./import/import.js');
    const { testCall } = await import('../testing/test-call.js');
    void importVms(testCall(pool.api), waiting, sr, { restore: false, force: false });
    while (!isWaiting || (await notes()).length === 0) await new Promise((done) => setTimeout(done, 5));
    expect(counts()).not.toEqual(before);
    pool = await pool.restart();
    expect(await notes()).toEqual([]);
    expect(counts()).toEqual(before);
    expect(await volumes()).toBe(stored);
  });
});
