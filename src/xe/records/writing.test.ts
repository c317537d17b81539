import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EmulatedPool, emulatedPool } from '../../api/testing/emulated-pool.js';
import { ApiError } from '../../model/error.js';
import { asRef, type Ref } from '../../model/ref.js';
import type { ClassName } from '../../model/types.js';
import type { ApiClient } from '../api/api-client.js';
import { CommandFailure } from '../failure.js';
import { fixtureApi } from '../testing/fixture-api.js';
import { recordClass, recordClasses } from './classes.js';
import type { Field, Target } from './record-class.js';
import { targetOfRef } from './targets.js';

let pool: EmulatedPool;
let api: ApiClient;
const sent: string[] = [];

beforeAll(async () => {
  pool = await emulatedPool();
  api = fixtureApi(pool.api, sent);
});

beforeEach(() => {
  sent.length = 0;
});

afterAll(() => pool.close());

function target(className: string, ref: string): Target {
  return targetOfRef(api, recordClass(className), asRef(ref));
}

function fieldOf(className: string, name: string): Field {
  const field = recordClass(className).fields.find((one) => one.name === name);
  if (!field) throw new Error(`no field ${name}`);
  return field;
}

async function show(className: string, ref: string, name: string): Promise<string> {
  return fieldOf(className, name).show(target(className, ref));
}

/** Sets a field; resolves with the text of the complaint, or undefined when it is done. */
async function set(className: string, ref: string, name: string, value: string): Promise<string | undefined> {
  try {
    await fieldOf(className, name).set?.(target(className, ref), value);
    return undefined;
  } catch (error) {
    if (error instanceof ApiError) return error.description.join(', ');
    if (error instanceof CommandFailure) return error.message;
    throw error;
  }
}

const CLASSES_ONCE = recordClasses.filter(({ name }) => name !== 'template' && name !== 'snapshot');

/** An object of a class; of the VM, one that its host knows. */
async function objectOf(of: ClassName): Promise<Ref> {
  if (of === 'pool') return pool.api.pool;
  if (of === 'host') return pool.host;
  if (of === 'VM') return pool.createVm();
  if (of === 'VBD') return pool.api.db.create('VBD', { VM: await pool.createVm(), type: 'CD', empty: true, mode: 'RO' });
  const { db } = pool.api;
  if (of === 'VDI') return pool.createDisk(await pool.createVm(), '0');
  if (of === 'VIF') return db.create('VIF', { VM: await pool.createVm(), network: db.create('network', {}), device: '0' });
  if (of === 'PGPU') return db.create('PGPU', { PCI: db.create('PCI', {}), host: pool.host });
  return db.create(of, {});
}

/** What a complaint about a senseless value tells of the values that a field takes. */
const KINDS: readonly (readonly [kind: string, text: RegExp])[] = [
  ['integer', /^Failed to parse parameter '([\w-]+)': expecting an integer$/],
  ['integer', /^INTERNAL_ERROR, Failure: Int64.of_string$/],
  ['boolean', /^Failed to parse parameter '([\w-]+)': expecting a boolean \(true or false\)$/],
  ['boolean', /^Parameter ([\w-]+) must be a boolean \(true or false\)$/],
  ['float', /^Parameter ([\w-]+) must be a floating-point number$/],
  ['size', /^Failed to parse field '([\w-]+)': expecting an integer \(possibly with suffix KiB, MiB, GiB, TiB\), got 'zz'$/],
  ['word', /^Expected one of '.*', got zz$/],
  ['reference', /^UUID_INVALID, \w+, zz$/],
];

const FITTING: Readonly<Record<string, string>> = { integer: '1', boolean: 'true', float: '1.5', size: '1GiB' };

/** A value that a field of a kind takes; words and references are those that the complaint names. */
function fitting(kind: string, complaint: string): string {
  if (kind === 'word') return /'([^']+)'/.exec(complaint)?.[1] ?? '';
  if (kind !== 'reference') return FITTING[kind] ?? '';
  const className = complaint.split(', ')[1] as ClassName;
  return api.uuid(className, pool.api.db.create(className, {}));
}

describe('every field that can be set', () => {
  it('refuses what does not fit it in its own words, and sends the API what it takes', async () => {
    const found = new Map<string, number>();
    const refused: string[] = [];
    for (const { name, of, fields } of CLASSES_ONCE) {
      const ref = await objectOf(of);
      for (const field of fields) {
        if (!field.set) continue;
        const where = `${name} ${field.name}`;
        const complaint = await set(name, ref, field.name, 'zz');
        const kind = KINDS.find(([, text]) => complaint !== undefined && text.test(complaint));
        const said = kind?.[1].exec(complaint ?? '')?.[1];
        if (said !== undefined) expect(said, where).toBe(field.name);
        if (!kind) {
          found.set('text', (found.get('text') ?? 0) + 1);
          if (complaint !== undefined) refused.push(`${where}: ${complaint}`);
          else expect((await show(name, ref, field.name)).replace(/\.000$/, ''), where).toBe('zz');
          continue;
        }
        found.set(kind[0], (found.get(kind[0]) ?? 0) + 1);
        const answer = await set(name, ref, field.name, fitting(kind[0], complaint ?? ''));
        if (answer !== undefined) refused.push(`${where}: ${answer}`);
      }
    }
    expect(Object.fromEntries(found)).toEqual({
      text: 56,
      boolean: 30,
      integer: 17,
      word: 15,
      reference: 15,
      size: 4,
      float: 3,
    });
    // Each for a reason that the object has or the text is: the message was right.
    expect(refused.map((answer) => answer.split(', ')[0])).toEqual([
      'pool uefi-certificates: OPERATION_NOT_ALLOWED',
      'vif ipv4-allowed: INVALID_IP_ADDRESS_SPECIFIED',
      'vif ipv6-allowed: INVALID_IP_ADDRESS_SPECIFIED',
      'vm suspend-VDI-uuid: VM_BAD_POWER_STATE',
      'vm ha-restart-priority: INVALID_VALUE',
      'vm appliance: OPERATION_NOT_ALLOWED',
      'vm groups: OPERATION_NOT_ALLOWED',
      'vm snapshot-schedule: VM_IS_TEMPLATE',
      'host ssl-legacy: VALUE_NOT_SUPPORTED',
      'host uefi-certificates: OPERATION_NOT_ALLOWED',
      'host max-cstate: INVALID_VALUE',
      'host timezone: INVALID_VALUE',
      'sr name-label: SR_HAS_NO_PBDS',
      'sr name-description: SR_HAS_NO_PBDS',
      'pgpu enabled-VGPU-types: VGPU_TYPE_NOT_SUPPORTED',
      'observer endpoints: INVALID_VALUE',
      'observer components: INVALID_VALUE',
    ]);
  });
});

/** Members and keys that a field takes, where not any text will do. */
const ADDABLE: Readonly<Record<string, string>> = {
  'vif ipv4-allowed': '192.0.2.7',
  'vif ipv6-allowed': '2001:db8::7',
  'vif trunks': '7',
  'network purpose': 'nbd',
  'vm blocked-operations': 'clean_shutdown',
  'vmss schedule': 'hour',
  'observer endpoints': 'bugtool',
  'observer components': 'xapi',
};

/** References to what a set takes. */
const REFERRED: Readonly<Record<string, ClassName>> = {
  'pool repositories': 'Repository',
  'pgpu enabled-VGPU-types': 'VGPU_type',
  'observer host-uuids': 'host',
};

function addable(where: string): string {
  const className = REFERRED[where];
  return className ? api.uuid(className, pool.api.db.create(className, {})) : (ADDABLE[where] ?? 'key');
}

describe('every set and map that can be changed', () => {
  it('takes what is added, shows it, and gives it up again', async () => {
    const refused: string[] = [];
    let changed = 0;
    for (const { name, of, fields } of CLASSES_ONCE) {
      const ref = await objectOf(of);
      for (const field of fields) {
        const add = field.addMember ?? field.addKey;
        if (!add) continue;
        const where = `${name} ${field.name}`;
        const key = addable(where);
        try {
          await add(target(name, ref), key, '5');
        } catch (error) {
          refused.push(`${where}: ${error instanceof ApiError ? error.code : String(error)}`);
          continue;
        }
        const entries = await field.entries?.(target(name, ref));
        const members = await field.members?.(target(name, ref));
        expect(entries ? entries.get(key) : members?.at(-1), where).toBe(entries ? '5' : key);
        await field.remove?.(target(name, ref), key);
        if (entries) expect((await field.entries?.(target(name, ref)))?.has(key), where).toBe(false);
        expect(await show(name, ref, field.name), where).not.toContain(key);
        changed++;
      }
    }
    // Agents have a few settings of their own, and the card of the fixture supports no type.
    expect(refused).toEqual(['pool guest-agent-config: INVALID_VALUE', 'pgpu enabled-VGPU-types: VGPU_TYPE_NOT_SUPPORTED']);
    expect(changed).toBe(50);
  });
});

describe('setting', () => {
  it('an object to nothing takes the empty text, where the field may be empty', async () => {
    const sr = api.uuid('SR', pool.sr);
    expect(await set('pool', pool.api.pool, 'default-SR', sr)).toBeUndefined();
    expect(await show('pool', pool.api.pool, 'default-SR')).toBe(sr);
    expect(await set('pool', pool.api.pool, 'default-SR', '')).toBeUndefined();
    expect(await show('pool', pool.api.pool, 'default-SR')).toBe('<not in database>');
    const vm = await pool.createVm();
    expect(await set('vm', vm, 'suspend-SR-uuid', '')).toBe('UUID_INVALID, SR, ');
  });

  it('a list takes commas, and an empty text empties it', async () => {
    const vif = await objectOf('VIF');
    expect(await set('vif', vif, 'ipv4-allowed', '192.0.2.1,192.0.2.2')).toBeUndefined();
    expect(await show('vif', vif, 'ipv4-allowed')).toBe('192.0.2.1; 192.0.2.2');
    expect(await set('vif', vif, 'ipv4-allowed', '')).toBeUndefined();
    expect(await show('vif', vif, 'ipv4-allowed')).toBe('');
    expect(await set('vif', vif, 'trunks', '1,x')).toBe("Failed to parse parameter 'trunks': expecting an integer");
  });

  it('a word takes any letter case and knows the words that are printed', async () => {
    const vm = await pool.createVm();
    expect(await set('vm', vm, 'actions-after-crash', 'core DUMP and restart')).toBeUndefined();
    expect(await show('vm', vm, 'actions-after-crash')).toBe('Core dump and restart');
    expect(await set('vm', vm, 'actions-after-crash', 'coredump_and_restart')).toBe(
      "Expected one of 'Destroy', 'Core dump and destroy', 'Restart', 'Core dump and restart', 'Preserve', 'Rename restart', got coredump_and_restart",
    );
    const vif = await objectOf('VIF');
    expect(await set('vif', vif, 'locking-mode', 'bad')).toBe(
      "Expected one of 'network_default', 'locked', 'unlocked', 'disabled', got bad",
    );
  });

  it('memory takes suffixes', async () => {
    const vm = await pool.createVm();
    expect(await set('vm', vm, 'memory-static-min', '256MiB')).toBeUndefined();
    expect(await show('vm', vm, 'memory-static-min')).toBe('268435456');
  });

  it('a wrong value is complained about as the original does, field by field', async () => {
    const network = pool.api.db.create('network', {});
    expect(await set('network', network, 'MTU', 'x')).toBe('INTERNAL_ERROR, Failure: Int64.of_string');
    const vm = await pool.createVm();
    expect(await set('vm', vm, 'VCPUs-max', '')).toBe("Failed to parse parameter 'VCPUs-max': expecting an integer");
    expect(await set('vm', vm, 'is-a-template', 'yes')).toBe(
      "Failed to parse parameter 'is-a-template': expecting a boolean (true or false)",
    );
    expect(await set('pool', pool.api.pool, 'https-only', 'TRUE')).toBe('Parameter https-only must be a boolean (true or false)');
    expect(await set('vm', vm, 'HVM-shadow-multiplier', 'x')).toBe(
      'Parameter HVM-shadow-multiplier must be a floating-point number',
    );
  });
});

describe('a map', () => {
  it('of firmware texts is replaced by the keys of the line', async () => {
    const vm = await pool.createVm();
    const field = fieldOf('vm', 'bios-strings');
    await field.setMap?.(target('vm', vm), new Map([['bios-vendor', 'us']]));
    expect(await show('vm', vm, 'bios-strings')).toContain('bios-vendor: us');
    expect(sent).toContain('VM.set_bios_strings');
  });

  it('of an observer is sent as a whole, whatever changes in it', async () => {
    const observer = pool.api.db.create('Observer', {});
    const field = fieldOf('observer', 'attributes');
    const stale = target('observer', observer);
    await field.addKey?.(stale, 'aa', '1');
    await field.addKey?.(stale, 'bb', '2');
    expect(await show('observer', observer, 'attributes')).toBe('aa: 1; bb: 2');
    await field.remove?.(stale, 'aa');
    expect(await show('observer', observer, 'attributes')).toBe('bb: 2');
    await field.setMap?.(stale, new Map([['cc', '3']]));
    expect(await show('observer', observer, 'attributes')).toBe('cc: 3');
    await field.clear?.(stale);
    expect(await show('observer', observer, 'attributes')).toBe('');
  });

  it('of a bond takes one key at a time', async () => {
    const bond = pool.api.db.create('Bond', {});
    const field = fieldOf('bond', 'properties');
    await expect(field.setKey?.(target('bond', bond), 'nonsense', '1')).rejects.toBeInstanceOf(ApiError);
    expect(sent).toContain('Bond.set_property');
  });

  it('for guests is emptied by one message', async () => {
    const vm = await pool.createVm();
    const field = fieldOf('vm', 'xenstore-data');
    await field.addKey?.(target('vm', vm), 'vm-data/a', '1');
    sent.length = 0;
    await field.clear?.(target('vm', vm));
    expect(sent.filter((message) => message.includes('xenstore_data'))).toEqual(['VM.set_xenstore_data']);
    expect(await show('vm', vm, 'xenstore-data')).toBe('');
  });
});
