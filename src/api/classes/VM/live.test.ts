import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../../model/error.js';
import type { RecordVersion } from '../../../model/record.js';
import type { Ref } from '../../../model/ref.js';
import { type EmulatedPool, emulatedPool } from '../../testing/emulated-pool.js';
import { secureBootReadiness, variableNames } from './secure-boot.js';

const GIB = 2 ** 30;

let pool: EmulatedPool;
let vm: Ref<'VM'>;
beforeEach(async () => {
  pool = await emulatedPool();
  vm = await pool.createVm({ VCPUs_max: 4, memory_static_max: 4 * GIB, memory_dynamic_max: 2 * GIB, memory_dynamic_min: GIB });
  await pool.startVm(vm);
});
afterEach(() => pool.close());

async function failure(work: Promise<unknown>): Promise<readonly string[]> {
  const thrown: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(thrown instanceof ApiError)) throw new Error(`expected an error of the API, got ${String(thrown)}`);
  return thrown.description;
}

const fields = () => pool.api.db.get('VM', vm);

describe('memory of a running VM', () => {
  it('moves within its static limits', async () => {
    await pool.call('VM.set_memory_dynamic_range', vm, 3 * GIB, 4 * GIB);
    expect(fields()).toMatchObject({ memory_dynamic_min: 3 * GIB, memory_dynamic_max: 4 * GIB, memory_target: 3 * GIB });
    await pool.call('VM.wait_memory_target_live', vm);
    expect(pool.api.db.get('VM_metrics', fields().metrics).memory_actual).toBeGreaterThanOrEqual(3 * GIB - 2 ** 20);
    expect(await failure(pool.call('VM.set_memory_dynamic_max', vm, 5 * GIB))).toEqual(['MEMORY_CONSTRAINT_VIOLATION_ORDER']);
    expect(await failure(pool.call('VM.set_memory_static_max', vm, 8 * GIB))).toEqual([
      'VM_BAD_POWER_STATE',
      vm,
      'halted',
      'running',
    ]);
    await pool.call('VM.set_memory_target_live', vm, 2 * GIB);
    expect(fields()).toMatchObject({ memory_dynamic_min: 2 * GIB, memory_dynamic_max: 2 * GIB });
  });

  it('is not promised where the host has not got it', async () => {
    const { db } = pool.api;
    const other = await pool.createVm();
    db.set('VM', other, { resident_on: pool.host, memory_dynamic_min: 13 * GIB });
    const [code, needed, free] = await failure(pool.call('VM.set_memory_dynamic_range', vm, 4 * GIB, 4 * GIB));
    expect([code, needed]).toEqual(['HOST_NOT_ENOUGH_FREE_MEMORY', String((3 * GIB) / 1024)]);
    expect(Number(free)).toBeLessThan((3 * GIB) / 1024);
    expect(fields().memory_dynamic_min).toBe(GIB);
  });
});

describe('CPUs of a running VM', () => {
  it('are plugged up to the most that it can have', async () => {
    await pool.call('VM.set_VCPUs_number_live', vm, 3);
    expect(fields().VCPUs_at_startup).toBe(3);
    expect(pool.api.db.get('VM_metrics', fields().metrics).VCPUs_number).toBe(3);
    expect(await failure(pool.call('VM.set_VCPUs_number_live', vm, 5))).toMatchObject(['INVALID_VALUE', expect.any(String), '5']);
    expect(await failure(pool.call('VM.set_VCPUs_max', vm, 8))).toEqual(['VM_BAD_POWER_STATE', vm, 'halted', 'running']);
  });
});

describe('measurements', () => {
  it('are told while it runs', async () => {
    const sources = await pool.call<RecordVersion<'data_source'>[]>('VM.get_data_sources', vm);
    const [first] = sources.map((source) => source.fields);
    if (!first) throw new Error('nothing is measured');
    expect(await pool.call<number>('VM.query_data_source', vm, first.name_label)).toEqual(expect.any(Number));
    expect((await failure(pool.call('VM.query_data_source', vm, 'nothing')))[0]).toBe('INTERNAL_ERROR');
    await pool.call('VM.hard_shutdown', vm);
    expect(await failure(pool.call('VM.query_data_source', vm, first.name_label))).toEqual([
      'VM_BAD_POWER_STATE',
      vm,
      'running;paused',
      'halted',
    ]);
  });
});

describe('what a guest here does not do', () => {
  it('is refused as the original refuses it', async () => {
    expect(await failure(pool.call('VM.call_plugin', vm, 'unknown', 'f', new Map()))).toEqual([
      'XENAPI_MISSING_PLUGIN',
      'unknown',
    ]);
    expect(await failure(pool.call('VM.send_sysrq', vm, 'h'))).toEqual(['NOT_IMPLEMENTED', 'send_sysrq']);
    expect(await failure(pool.call('VM.sysprep', vm, '', -1))).toEqual(['INVALID_VALUE', 'timeout', '-1']);
    expect(fields().current_operations.size).toBe(0);
  });
});

describe('secure boot', () => {
  const data = (bytes: Buffer) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(bytes.length));
    return Buffer.concat([length, bytes]);
  };
  const store = (...names: string[]) => {
    const header = Buffer.alloc(24);
    header.write('VARS');
    header.writeUInt32LE(1, 4);
    const variables = names.map((name) =>
      Buffer.concat([data(Buffer.from(name, 'utf16le')), data(Buffer.from('x')), Buffer.alloc(68)]),
    );
    return Buffer.concat([header, ...variables]);
  };
  const uefi = (nvram: [string, string][], platform: [string, string][]) =>
    secureBootReadiness({
      ...fields(),
      HVM_boot_params: new Map([['firmware', 'uefi']]),
      platform: new Map(platform),
      NVRAM: new Map(nvram),
    });

  it('depends on firmware, switch and keys', () => {
    const on: [string, string][] = [['secureboot', 'true']];
    const keys = (...names: string[]): [string, string][] => [['EFI-variables', store(...names).toString('base64')]];
    expect(secureBootReadiness(fields())).toBe('not_supported');
    expect(uefi([], [])).toBe('disabled');
    expect(uefi([], on)).toBe('first_boot');
    expect(uefi(keys('Boot0000', 'PK', 'KEK', 'db', 'dbx'), on)).toBe('ready');
    expect(uefi(keys('PK', 'KEK', 'db'), on)).toBe('ready_no_dbx');
    expect(uefi(keys('KEK', 'db'), on)).toBe('setup_mode');
    expect(uefi(keys('PK', 'db'), on)).toBe('certs_incomplete');
  });

  it('reads a broken store as far as it goes', () => {
    const whole = store('PK', 'KEK');
    expect([...variableNames(whole.subarray(0, whole.length - 69))]).toEqual(['PK']);
    const lying = store('PK');
    lying.writeBigUInt64LE(2n ** 63n, 24);
    expect([...variableNames(lying)]).toEqual([]);
    expect([...variableNames(Buffer.from('nonsense'))]).toEqual([]);
  });
});
