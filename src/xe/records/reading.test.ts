import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmulatedPool, emulatedPool } from '../../api/testing/emulated-pool.js';
import type { Database } from '../../db/database.js';
import { type ClassModel, classModels } from '../../model/class-model.js';
import { asRef, type Ref } from '../../model/ref.js';
import type { ClassName } from '../../model/types.js';
import type { ApiClient } from '../api/api-client.js';
import { fixtureApi } from '../testing/fixture-api.js';
import { crashdumpRecord, recordClass, recordClasses } from './classes.js';
import type { Target } from './record-class.js';
import { allTargets, targetOfRef } from './targets.js';

let pool: EmulatedPool;
let api: ApiClient;

beforeAll(async () => {
  pool = await emulatedPool();
  api = fixtureApi(pool.api);
});

afterAll(() => pool.close());

function target(className: string, ref: string): Target {
  return targetOfRef(api, recordClass(className), asRef(ref));
}

/** What fields of an object show. */
async function shown(className: string, ref: string, ...names: string[]): Promise<string[]> {
  const { fields } = recordClass(className);
  return Promise.all(
    names.map((name) => {
      const field = fields.find((one) => one.name === name);
      if (!field) throw new Error(`no field ${name}`);
      return field.show(target(className, ref));
    }),
  );
}

/** An object of every class, with references that lead nowhere, and one whose references all lead to those. */
function oneOfEach(db: Database): void {
  const kept = classModels.filter((model) => model.schema.storage !== 'none');
  const objects = new Map<string, Ref>(kept.map((model) => [model.name, db.create<ClassName>(model.name, {})]));
  // Operations of what hangs on a VM look at all that hangs on it, and a VM without a network card that exists is none.
  const alone: readonly ClassName[] = ['VBD', 'VTPM', 'VGPU', 'VUSB'];
  for (const model of kept) if (!alone.includes(model.name)) db.create(model.name, references(model, objects));
}

function references(model: ClassModel, objects: ReadonlyMap<string, Ref>): Record<string, Ref> {
  return Object.fromEntries(
    model.fields.flatMap(({ name, type }) => {
      const ref = type.kind === 'ref' ? objects.get(type.name) : undefined;
      return ref ? [[name, ref] as const] : [];
    }),
  );
}

describe('every field of every class', () => {
  it('shows text, whatever of what it refers to is there', async () => {
    oneOfEach(pool.api.db);
    await pool.call('message.create', 'NEWS', 3, 'Host', api.uuid('host', pool.host), 'text');
    const read = new Map<string, number>();
    for (const one of [...recordClasses, crashdumpRecord]) {
      for (const object of allTargets(api, one)) {
        for (const field of one.fields) {
          const text = await field.show(object);
          expect(text, `${one.name} ${field.name}`).toBeTypeOf('string');
          expect(text, `${one.name} ${field.name}`).not.toMatch(/undefined|\[object|NaN/);
          const members = await field.members?.(object);
          if (members?.length) expect(text.split(/[;,] /), `${one.name} ${field.name}`).toEqual(members);
          const entries = await field.entries?.(object);
          if (entries?.size) expect(text).toBe(Array.from(entries, ([key, value]) => `${key}: ${value}`).join('; '));
        }
        read.set(one.name, (read.get(one.name) ?? 0) + 1);
      }
    }
    // Templates and snapshots are VMs; all classes had an object to read but roles, which list those with parts.
    expect(recordClasses.filter(({ name }) => !read.has(name)).map(({ name }) => name)).toEqual(['role']);
  });
});

describe('a VM', () => {
  it('that is halted shows what it is, and placeholders for what only a running one has', async () => {
    const vm = await pool.createVm({
      name_label: 'web',
      VCPUs_max: 4,
      HVM_shadow_multiplier: 1.5,
      platform: new Map([
        ['acpi', '1'],
        ['apic', 'true'],
      ]),
      tags: ['a', 'b c'],
    });
    await pool.call('VM.add_to_blocked_operations', vm, 'clean_shutdown', 'no');
    expect(await shown('vm', vm, 'name-label', 'power-state', 'VCPUs-max', 'HVM-shadow-multiplier', 'is-a-template')).toEqual([
      'web',
      'halted',
      '4',
      '1.500',
      'false',
    ]);
    expect(await shown('vm', vm, 'platform', 'tags', 'blocked-operations', 'actions-after-crash', 'snapshot-time')).toEqual([
      'acpi: 1; apic: true',
      'a, b c',
      'clean_shutdown: no',
      'Restart',
      '19700101T00:00:00Z',
    ]);
    expect(await shown('vm', vm, 'resident-on', 'os-version', 'live', 'can-use-hotplug-vbd', 'VCPUs-utilisation')).toEqual([
      '<not in database>',
      '<not in database>',
      '<not in database>',
      '<not in database>',
      expect.stringMatching(/^(?:0: \d\.\d{3})?$/),
    ]);
    expect(await shown('vm', vm, 'memory-target', 'cooperative', 'last-boot-record')).toEqual(['0', 'true', "''"]);
  });

  it('without metrics has a text of its own for each of them', async () => {
    const vm = pool.api.db.create('VM', {});
    expect(await shown('vm', vm, 'start-time', 'install-time', 'hvm', 'numa-nodes', 'numa-node-memory', 'memory-actual')).toEqual(
      ['<unknown time>', '<unknown time>', 'false', '0', '[]', '<not in database>'],
    );
    const field = recordClass('vm').fields.find(({ name }) => name === 'os-version');
    expect(await field?.entries?.(target('vm', vm))).toEqual(new Map());
  });

  it('that runs shows its host and what its guest tells', async () => {
    const vm = await pool.createVm({ name_label: 'runs' });
    await pool.startVm(vm);
    const host = api.uuid('host', pool.host);
    expect(await shown('vm', vm, 'power-state', 'resident-on', 'possible-hosts', 'can-use-hotplug-vbd')).toEqual([
      'running',
      host,
      host,
      expect.stringMatching(/^(?:true|false|unspecified)$/),
    ]);
    expect((await shown('vm', vm, 'allowed-operations'))[0]).toContain('clean_shutdown; ');
    expect(await shown('host', pool.host, 'resident-vms')).toEqual([expect.stringContaining(api.uuid('VM', vm))]);
  });

  it('whose memory is asked for after it has gone says so', async () => {
    const vm = await pool.createVm();
    const gone = target('vm', vm);
    await pool.call('VM.destroy', vm);
    const hosts = recordClass('vm').fields.find(({ name }) => name === 'possible-hosts');
    expect(await hosts?.show(gone)).toBe('<invalid reference>');
    const memory = recordClass('vm').fields.find(({ name }) => name === 'memory-target');
    expect(await memory?.show(gone)).toBe('<unknown>');
  });
});

describe('a reference', () => {
  it('is the uuid or the name of what it leads to', async () => {
    const { db } = pool.api;
    const vm = await pool.createVm({ name_label: 'has a card' });
    const network = db.create('network', { name_label: 'wires' });
    const vif = db.create('VIF', { VM: vm, network, device: '0' });
    expect(await shown('vif', vif, 'vm-uuid', 'vm-name-label', 'network-uuid', 'network-name-label')).toEqual([
      api.uuid('VM', vm),
      'has a card',
      api.uuid('network', network),
      'wires',
    ]);
    expect(await shown('network', network, 'VIF-uuids')).toEqual([api.uuid('VIF', vif)]);
    db.destroy('network', network);
    expect(await shown('vif', vif, 'network-uuid', 'network-name-label')).toEqual(['<not in database>', '<not in database>']);
  });

  it('in a map comes with its key', async () => {
    const { db } = pool.api;
    const blob = db.create('blob', {});
    const network = db.create('network', { blobs: new Map([['logo', blob]]) });
    expect(await shown('network', network, 'blobs')).toEqual([`logo: ${api.uuid('blob', blob)}`]);
  });

  it('is followed through what lies between', async () => {
    const { db } = pool.api;
    const patch = db.create('pool_patch', { name_label: 'fix' });
    db.create('host_patch', { host: pool.host, pool_patch: patch });
    expect(await shown('host', pool.host, 'patches')).toEqual([expect.stringContaining(api.uuid('pool_patch', patch))]);
    expect(await shown('patch', patch, 'hosts')).toEqual([api.uuid('host', pool.host)]);
  });
});

describe('operations that go on', () => {
  it('are shown without their tasks', async () => {
    const vm = await pool.createVm();
    pool.api.db.set('VM', vm, {
      current_operations: new Map([
        ['OpaqueRef:one', 'start'],
        ['OpaqueRef:two', 'changing_VCPUs'],
      ]),
    });
    expect(await shown('vm', vm, 'current-operations')).toEqual(['start; (unknown operation)']);
    const field = recordClass('vm').fields.find(({ name }) => name === 'current-operations');
    expect(await field?.members?.(target('vm', vm))).toEqual(['start', '(unknown operation)']);
  });
});
