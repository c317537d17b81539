import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v4 as newUuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FoundDisk, FoundDomain } from '../../host/compute.js';
import type { Ref } from '../../model/ref.js';
import { createVm } from '../classes/VM/create.js';
import { target } from '../operations/operations.js';
import { type DefiningHost, definingHost } from '../testing/defining-host.js';
import { type EmulatedPool, emulatedPool, smallVm } from '../testing/emulated-pool.js';
import { testCall } from '../testing/test-call.js';
import { DefinedDomains } from './defined-domains.js';
import { Definitions } from './definitions.js';

const MIB = 2 ** 20;

let pool: EmulatedPool;
let outside: DefiningHost;
let definitions: Definitions;
let defined: DefinedDomains;
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'definitions-'));
  pool = await emulatedPool();
  outside = definingHost(pool.physical);
  pool.api.hosts.add(pool.host, outside.host);
  defined = await DefinedDomains.open(join(directory, 'domains.json'), (error) => {
    throw error;
  });
  definitions = new Definitions(pool.api, pool.host, outside.host, defined);
});
afterEach(async () => {
  definitions.stop();
  await defined.close();
  await pool.close();
  await rm(directory, { recursive: true, force: true });
});

function domain(changes: Partial<FoundDomain> = {}): FoundDomain {
  return {
    uuid: newUuid(),
    name: 'web <1> "ä"',
    description: 'made by hand',
    vcpus: { max: 4, online: 2, params: new Map() },
    memory: { staticMax: 512 * MIB, dynamicMax: 256 * MIB, dynamicMin: 256 * MIB, target: 256 * MIB },
    boot: { kind: 'hvm', params: new Map([['order', 'cd']]) },
    platform: new Map([['acpi', '1']]),
    guestData: new Map(),
    disks: [],
    nics: [],
    after: { shutdown: 'destroy', reboot: 'restart', crash: 'destroy' },
    persistent: true,
    autostart: false,
    ...changes,
  };
}

function disk(changes: Partial<FoundDisk> = {}): FoundDisk {
  const common = {
    vbd: newUuid(),
    position: 0,
    kind: 'Disk',
    writable: true,
    bootable: true,
    volume: undefined,
    qos: new Map(),
  } as const;
  return { ...common, ...changes };
}

const find = (uuid: string): Ref<'VM'> | undefined => pool.api.db.table('VM').refsByUuid.get(uuid) as Ref<'VM'> | undefined;

async function found(uuid: string): Promise<Ref<'VM'>> {
  return vi.waitFor(() => {
    const vm = find(uuid);
    if (!vm) throw new Error('no VM yet');
    return vm;
  });
}

/** Waits until nothing is due: what is to be gathered has been, and its work is done. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 80));
}

async function newVolume(): Promise<{ sr: string; location: string }> {
  const sr = pool.api.db.get('SR', pool.sr).uuid;
  const spec = { uuid: newUuid(), virtualSize: MIB, name: 'disk', description: '', smConfig: new Map<string, string>() };
  return { sr, location: (await pool.physical.storage.createVolume(sr, spec)).location };
}

describe('domains on the host', () => {
  it('are VMs with their own uuids, with disks and cards', async () => {
    const volume = await newVolume();
    const nic = {
      vif: newUuid(),
      position: 0,
      mac: '52:54:00:00:00:01',
      mtu: 1500,
      bridge: 'virbr7',
      locking: { mode: 'unlocked', ipv4: [], ipv6: [] },
      qos: new Map(),
    } as const;
    const foreign = domain({ disks: [disk({ volume }), disk({ kind: 'CD', position: 3, writable: false })], nics: [nic] });
    outside.define(foreign);
    await definitions.start();
    const { db } = pool.api;
    const vm = db.get('VM', await found(foreign.uuid));
    expect(vm).toMatchObject({
      name_label: 'web <1> "ä"',
      name_description: 'made by hand',
      VCPUs_max: 4,
      VCPUs_at_startup: 2,
      memory_static_max: 512 * MIB,
      memory_dynamic_max: 256 * MIB,
      actions_after_crash: 'destroy',
      power_state: 'Halted',
    });
    const drives = vm.VBDs.map((ref) => db.get('VBD', ref));
    expect(drives.map(({ type, empty, userdevice }) => [type, empty, userdevice])).toEqual([
      ['Disk', false, '0'],
      ['CD', true, '3'],
    ]);
    expect(db.get('VDI', drives[0]?.VDI ?? '').location).toBe(volume.location);
    const [card] = vm.VIFs.map((ref) => db.get('VIF', ref));
    expect(card).toMatchObject({ uuid: nic.vif, MAC: nic.mac });
    expect(db.get('network', card?.network ?? '')).toMatchObject({ bridge: 'virbr7', managed: false });
  });

  it('that come later are VMs soon, and are not written to for it', async () => {
    await definitions.start();
    const foreign = domain();
    outside.define(foreign);
    await found(foreign.uuid);
    await settled();
    expect(outside.writes()).toBe(0);
  });

  it('with a disk that no SR can show have no drive for it, and keep it', async () => {
    const foreign = domain({ disks: [disk()] });
    outside.define(foreign);
    await definitions.start();
    expect(pool.api.db.get('VM', await found(foreign.uuid)).VBDs).toEqual([]);
    await settled();
    expect(outside.defined.get(foreign.uuid)?.disks).toHaveLength(1);
  });
});

describe('a description that was on its way when its VM was destroyed', () => {
  it('is taken away again, and no VM comes of it', async () => {
    await definitions.start();
    const vm = await pool.createVm();
    const { uuid } = pool.api.db.get('VM', vm);
    await vi.waitFor(() => expect(outside.defined.has(uuid)).toBe(true));
    const late = outside.defined.get(uuid);
    if (!late) throw new Error('not defined');
    pool.api.db.destroy('VM', vm);
    outside.define(late);
    await vi.waitFor(() => expect(outside.defined.has(uuid)).toBe(false));
    await settled();
    expect(find(uuid)).toBeUndefined();
  });
});

describe('what is changed on the host', () => {
  it('shows in the VM', async () => {
    await definitions.start();
    const foreign = domain();
    outside.define(foreign);
    const vm = await found(foreign.uuid);
    await settled();
    const volume = await newVolume();
    outside.define({ ...foreign, name: 'renamed', vcpus: { ...foreign.vcpus, max: 8 }, disks: [disk({ volume })] });
    await vi.waitFor(() => expect(pool.api.db.get('VM', vm)).toMatchObject({ name_label: 'renamed', VCPUs_max: 8 }));
    expect(pool.api.db.get('VM', vm).VBDs).toHaveLength(1);
    outside.define({ ...foreign, disks: [] });
    await vi.waitFor(() => expect(pool.api.db.get('VM', vm).VBDs).toHaveLength(0));
    expect(pool.api.db.get('VM', vm).name_label).toBe('web <1> "ä"');
  });

  it('while the daemon was away shows after its start; nothing that only the VM has is taken from it', async () => {
    const vm = await pool.createVm({ name_label: 'before' });
    await pool.createDisk(vm, '0');
    await definitions.start();
    const { uuid } = pool.api.db.get('VM', vm);
    await vi.waitFor(() => expect(outside.defined.has(uuid)).toBe(true));
    definitions.stop();
    const there = outside.defined.get(uuid);
    if (!there) throw new Error('not defined');
    outside.define({ ...there, name: 'after', disks: [] });
    definitions = new Definitions(pool.api, pool.host, outside.host, defined);
    await definitions.start();
    expect(pool.api.db.get('VM', vm)).toMatchObject({ name_label: 'after' });
    expect(pool.api.db.get('VM', vm).VBDs).toHaveLength(1);
    await vi.waitFor(() => expect(outside.defined.get(uuid)?.disks).toHaveLength(1));
  });

  it('is undone by the records of a database that was restored', async () => {
    const vm = await pool.createVm({ name_label: 'as it was backed up' });
    await pool.createDisk(vm, '0');
    await definitions.start();
    const { uuid } = pool.api.db.get('VM', vm);
    await vi.waitFor(() => expect(outside.defined.has(uuid)).toBe(true));
    definitions.stop();
    const there = outside.defined.get(uuid);
    if (!there) throw new Error('not defined');
    outside.define({ ...there, name: 'as it became', disks: [] });
    definitions = new Definitions(pool.api, pool.host, outside.host, defined);
    await definitions.start(true);
    await vi.waitFor(() => expect(outside.defined.get(uuid)).toMatchObject({ name: 'as it was backed up', disks: [{}] }));
    expect(pool.api.db.get('VM', vm)).toMatchObject({ name_label: 'as it was backed up', VBDs: [expect.anything()] });
    // From then on, what is changed on the host counts again.
    outside.define({ ...there, name: 'changed later' });
    await vi.waitFor(() => expect(pool.api.db.get('VM', vm).name_label).toBe('changed later'));
  });

  it('by undefining a domain ends the VM, with an alert; its disks stay', async () => {
    await definitions.start();
    const vm = await pool.createVm();
    const vdi = await pool.createDisk(vm, '0');
    const { uuid } = pool.api.db.get('VM', vm);
    await vi.waitFor(() => expect(outside.defined.has(uuid)).toBe(true));
    outside.undefine(uuid);
    await vi.waitFor(() => expect(find(uuid)).toBeUndefined());
    expect(pool.api.db.exists('VDI', vdi)).toBe(true);
    const messages = [...pool.api.db.all('message')].map(([, message]) => message);
    expect(messages).toContainEqual(expect.objectContaining({ name: 'VM_DELETED', obj_uuid: uuid }));
  });

  it('by undefining it while the daemon was away, too; a VM that the host was never told of stays', async () => {
    const known = await pool.createVm();
    await definitions.start();
    const { uuid } = pool.api.db.get('VM', known);
    await vi.waitFor(() => expect(outside.defined.has(uuid)).toBe(true));
    definitions.stop();
    outside.undefine(uuid);
    const unknown = await pool.createVm();
    definitions = new Definitions(pool.api, pool.host, outside.host, defined);
    await definitions.start();
    expect(find(uuid)).toBeUndefined();
    expect(pool.api.db.exists('VM', unknown)).toBe(true);
    await vi.waitFor(() => expect(outside.defined.has(pool.api.db.get('VM', unknown).uuid)).toBe(true));
  });
});

describe('a VM', () => {
  it('is a domain that the host knows, as it is now', async () => {
    await definitions.start();
    const vm = await pool.createVm({ name_label: 'ours' });
    const { uuid } = pool.api.db.get('VM', vm);
    await vi.waitFor(() => expect(outside.defined.get(uuid)).toMatchObject({ name: 'ours' }));
    await pool.createDisk(vm, '0');
    pool.api.db.set('VM', vm, { name_label: 'ours too' });
    await vi.waitFor(() => expect(outside.defined.get(uuid)).toMatchObject({ name: 'ours too', disks: [{ position: 0 }] }));
  });

  it('is written once for many changes, and not at all for those that are none for the host', async () => {
    const vm = await pool.createVm();
    await definitions.start();
    await vi.waitFor(() => expect(outside.writes()).toBe(1));
    for (let i = 0; i < 20; i++) pool.api.db.set('VM', vm, { name_label: `name ${i}` });
    await settled();
    expect(outside.writes()).toBe(2);
    pool.api.db.set('VM', vm, { tags: ['x'] });
    await settled();
    expect(outside.writes()).toBe(2);
  });

  it('that is being imported is nothing to the host before it is what it will be', async () => {
    await definitions.start();
    const { db, operations } = pool.api;
    const { task } = testCall(pool.api);
    const held = (vm: Ref<'VM'>) => [target('VM', vm, 'import')];
    const vm = db.transaction(() => {
      const made = createVm(pool, smallVm());
      operations.begin(task, held(made));
      return made;
    });
    await settled();
    expect(outside.defined.size).toBe(0);
    const uuid = newUuid();
    db.transaction(() => {
      db.set('VM', vm, { uuid });
      operations.end(task, held(vm));
    });
    await vi.waitFor(() => expect([...outside.defined.keys()]).toEqual([uuid]));
  });

  it('that becomes a template, or is destroyed, is no domain any more', async () => {
    await definitions.start();
    const [one, other] = [await pool.createVm(), await pool.createVm()];
    await vi.waitFor(() => expect(outside.defined.size).toBe(2));
    await pool.call('VM.set_is_a_template', one, true);
    await pool.call('VM.destroy', other);
    await vi.waitFor(() => expect(outside.defined.size).toBe(0));
    await settled();
    expect(pool.api.db.exists('VM', one)).toBe(true);
    expect(pool.api.db.exists('VM', other)).toBe(false);
  });
});

describe('a host that cannot be asked', () => {
  const named = (name: string) =>
    vi.waitFor(() => expect([...outside.defined.values()]).toContainEqual(expect.objectContaining({ name })));

  it('loses no VM: neither while it is away nor when a description cannot be read', async () => {
    await definitions.start();
    const vm = await pool.createVm({ name_label: 'kept' });
    await named('kept');
    const { uuid } = pool.api.db.get('VM', vm);
    outside.unreadable.add(uuid);
    outside.setAway(false);
    await settled();
    expect(find(uuid)).toBe(vm);
    definitions.stop();
    definitions = new Definitions(pool.api, pool.host, outside.host, defined);
    await definitions.start();
    expect(find(uuid)).toBe(vm);
  });

  it('is told later what changed meanwhile', async () => {
    await definitions.start();
    const vm = await pool.createVm({ name_label: 'before' });
    await named('before');
    outside.setAway(true);
    pool.api.db.set('VM', vm, { name_label: 'after' });
    await settled();
    outside.setAway(false);
    await settled();
    expect(pool.api.db.get('VM', vm).name_label).toBe('after');
    await vi.waitFor(() => expect(outside.defined.get(pool.api.db.get('VM', vm).uuid)).toMatchObject({ name: 'after' }), 5000);
  });

  it('does not bring back a VM that was destroyed meanwhile', async () => {
    await definitions.start();
    const vm = await pool.createVm({ name_label: 'gone' });
    await named('gone');
    const { uuid } = pool.api.db.get('VM', vm);
    outside.setAway(true);
    await pool.call('VM.destroy', vm);
    await settled();
    outside.setAway(false);
    await vi.waitFor(() => expect(outside.defined.has(uuid)).toBe(false));
    await settled();
    expect(find(uuid)).toBeUndefined();
  });

  it('that has kept a description of which it could not say so, forgets it with its VM', async () => {
    await definitions.start();
    outside.setAway(true);
    const vm = await pool.createVm({ name_label: 'unsaid' });
    const { uuid } = pool.api.db.get('VM', vm);
    await settled();
    outside.setAway(false);
    outside.define(domain({ uuid }));
    await settled();
    await pool.call('VM.destroy', vm);
    await vi.waitFor(() => expect(outside.defined.has(uuid)).toBe(false));
    await settled();
    expect(find(uuid)).toBeUndefined();
  });
});

describe('many VMs at once', () => {
  it('are all defined', async () => {
    await definitions.start();
    const vms = await Promise.all(Array.from({ length: 40 }, () => pool.createVm()));
    await vi.waitFor(() => expect(outside.defined.size).toBe(vms.length), 5000);
  });
});
