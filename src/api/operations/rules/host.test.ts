import { beforeEach, describe, expect, it } from 'vitest';
import type { Ref } from '../../../model/ref.js';
import type { EnumValue } from '../../../model/types.js';
import { type ApiFixture, apiFixture } from '../../testing/fixture.js';

type HostOperation = EnumValue<'host_allowed_operations'>;
type PoolOperation = EnumValue<'pool_allowed_operations'>;

let fixture: ApiFixture;
let host: Ref<'host'>;
let pool: Ref<'pool'>;

beforeEach(async () => {
  fixture = await apiFixture();
  ({ host } = fixture);
  ({ pool } = fixture.api);
});

/** Error code of an operation that is about to begin, or undefined when it may. */
function refusal(className: 'host' | 'pool', ref: string, operation: string): readonly string[] | undefined {
  try {
    fixture.api.operations.assert({ className, ref, operation } as never);
    return undefined;
  } catch (thrown) {
    return (thrown as { description: readonly string[] }).description;
  }
}

describe('operations of a host', () => {
  const during = (...current: HostOperation[]) =>
    fixture.api.db.set('host', host, { current_operations: new Map(current.map((op, i) => [`OpaqueRef:t${i}`, op])) });
  const allowed = () => fixture.api.db.get('host', host).allowed_operations;

  it('never brings VMs and takes them away at a time', () => {
    during('vm_migrate');
    expect(refusal('host', host, 'evacuate')).toEqual([
      'OTHER_OPERATION_IN_PROGRESS',
      'host',
      host,
      'VM.migrate',
      'OpaqueRef:t0',
    ]);
    expect(refusal('host', host, 'vm_start')).toBeUndefined();
    expect(refusal('host', host, 'vm_migrate')).toBeUndefined();
    during('evacuate');
    expect(refusal('host', host, 'vm_resume')).toEqual(['OTHER_OPERATION_IN_PROGRESS', 'host', host, 'evacuate', 'OpaqueRef:t0']);
    expect(allowed()).toContain('vm_start');
    expect(allowed()).not.toContain('provision');
  });

  it('goes down only when it is out of service', () => {
    expect(refusal('host', host, 'shutdown')).toEqual(['HOST_NOT_DISABLED']);
    fixture.api.db.set('host', host, { enabled: false });
    expect(refusal('host', host, 'shutdown')).toBeUndefined();
    expect(allowed()).toContain('reboot');
    during('reboot');
    expect(refusal('host', host, 'shutdown')?.[3]).toBe('reboot');
    during('provision');
    expect(refusal('host', host, 'provision')?.[0]).toBe('OTHER_OPERATION_IN_PROGRESS');
  });

  it('is powered on only when it is down and knows how', () => {
    const { db } = fixture.api;
    const metrics = db.create('host_metrics', { live: true });
    db.set('host', host, { metrics });
    expect(refusal('host', host, 'power_on')).toEqual(['HOST_IS_LIVE', host]);
    db.set('host_metrics', metrics, { live: false });
    expect(refusal('host', host, 'power_on')).toEqual(['HOST_POWER_ON_MODE_DISABLED']);
    expect(allowed()).not.toContain('power_on');
    db.set('host', host, { power_on_mode: 'wake-on-lan' });
    expect(allowed()).toContain('power_on');
    db.set('host_metrics', metrics, { live: true });
    expect(allowed()).not.toContain('power_on');
  });
});

describe('operations of the pool', () => {
  const during = (...current: PoolOperation[]) =>
    fixture.api.db.set('pool', pool, { current_operations: new Map(current.map((op, i) => [`OpaqueRef:t${i}`, op])) });

  it('refuses or waits, as each operation is', () => {
    during('ha_enable');
    expect(refusal('pool', pool, 'sync_updates')).toEqual(['HA_ENABLE_IN_PROGRESS']);
    expect(refusal('pool', pool, 'eject')).toEqual(['OTHER_OPERATION_IN_PROGRESS', 'pool', pool]);
    during('eject');
    expect(refusal('pool', pool, 'ha_enable')).toEqual(['OTHER_OPERATION_IN_PROGRESS', 'pool', pool, 'eject', 'OpaqueRef:t0']);
    expect(fixture.api.db.get('pool', pool).allowed_operations).toEqual([]);
  });

  it('depends on high availability', () => {
    expect(refusal('pool', pool, 'ha_disable')).toEqual(['HA_NOT_ENABLED']);
    fixture.api.db.set('pool', pool, { ha_enabled: true, ha_cluster_stack: 'xhad' });
    expect(refusal('pool', pool, 'ha_enable')).toEqual(['HA_IS_ENABLED']);
    expect(refusal('pool', pool, 'cluster_create')).toEqual(['INCOMPATIBLE_CLUSTER_STACK_ACTIVE', 'xhad']);
    expect(fixture.api.db.get('pool', pool).allowed_operations).toContain('ha_disable');
  });

  it('stops while the secret changes', () => {
    fixture.api.db.set('pool', pool, { is_psr_pending: true });
    expect(refusal('pool', pool, 'eject')).toEqual(['POOL_SECRET_ROTATION_PENDING']);
    expect(fixture.api.db.get('pool', pool).allowed_operations).toContain('eject');
  });
});
