import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPoolSecret } from '../../../files/pool-secret.js';
import type { Ref } from '../../../model/ref.js';
import { makeSelfSigned } from '../../certificates/self-signed.js';
import { type PoolFixture, poolFixture, vmPlan } from '../../testing/pool-fixture.js';
import { superuserCaller } from '../../testing/superuser-caller.js';

const DEAD = 'OpaqueRef:00000000-0000-0000-0000-00000000dead';

let fixture: PoolFixture;
let call: <T = unknown>(method: string, ...args: unknown[]) => Promise<T>;
let pool: Ref<'pool'>;

beforeAll(async () => {
  fixture = await poolFixture({
    hosts: 3,
    memory: 16 * 2 ** 30,
    vms: [
      vmPlan('22222222-2222-4222-8222-000000000001', { name: 'guarded', power: 'Running', host: 1, memory: 4 * 2 ** 30 }),
      vmPlan('22222222-2222-4222-8222-000000000002', { name: 'huge', memory: 12 * 2 ** 30 }),
    ],
  });
  const { api } = fixture;
  pool = api.pool;
  call = superuserCaller(api);
});

afterAll(() => fixture.close());

describe('membership', () => {
  it('answers as the original where a host or high availability is missing', async () => {
    await expect(call('pool.eject', DEAD)).rejects.toMatchObject({ code: 'HOST_OFFLINE', params: [DEAD] });
    await expect(call('pool.disable_ha')).rejects.toMatchObject({ code: 'HA_NOT_ENABLED', params: [] });
    await expect(call('pool.join', '192.0.2.9', 'root', 'x')).rejects.toMatchObject({
      code: 'JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS',
    });
  });

  it('says which host leads', async () => {
    const [master, member] = [...fixture.pool.hosts].map(([ref]) => ref);
    expect(await call('pool.is_slave', master)).toBe(false);
    expect(await call('pool.is_slave', member)).toBe(true);
    expect(await call('pool.hello', 'no such uuid', '192.0.2.1')).toBe('unknown_host');
  });

  it('changes its secret, and forgets the old one', async () => {
    const before = await call<string>('pool.initial_auth');
    await call('pool.rotate_secret');
    const after = await call<string>('pool.initial_auth');
    expect(after).not.toBe(before);
    expect(await readPoolSecret(fixture.api.dataDir)).toBe(after);
    expect(fixture.db.get('pool', pool).is_psr_pending).toBe(false);
    expect(fixture.api.poolSecret).toBe(after);
  });

  it('can be led by another host', async () => {
    const [first, second] = [...fixture.pool.hosts].map(([ref]) => ref);
    await call('pool.designate_new_master', second);
    expect(await call('pool.get_master', pool)).toBe(second);
    expect(await call('pool.is_slave', second)).toBe(false);
    expect(await call('pool.is_slave', first)).toBe(true);
    const told = fixture.db.filter('message', ({ name }) => name === 'POOL_MASTER_TRANSITION');
    expect(told.map(([, { obj_uuid: uuid }]) => uuid)).toEqual([fixture.db.get('host', second ?? '').uuid]);
    await call('pool.designate_new_master', first);
  });

  it('makes a VLAN on every host', async () => {
    const { db } = fixture;
    const network = db.create('network', { name_label: 'vlan net', bridge: 'xapi77', managed: true });
    const [eth0] = db.filter('PIF', (pif) => pif.device === 'eth0' && pif.VLAN === -1);
    const pifs = await call<Ref<'PIF'>[]>('pool.create_VLAN_from_PIF', eth0?.[0], network, 77);
    expect(pifs.length).toBe(3);
    expect(new Set(pifs.map((pif) => db.get('PIF', pif).host)).size).toBe(3);
    await expect(call('pool.create_VLAN_from_PIF', DEAD, network, 78)).rejects.toMatchObject({
      code: 'HANDLE_INVALID',
      params: ['PIF', DEAD],
    });
  });
});

describe('what high availability would need', () => {
  it('depends on what is to go on', async () => {
    const most = (configuration: Map<string, string>) =>
      call<number>('pool.ha_compute_hypothetical_max_host_failures_to_tolerate', configuration);
    expect(await most(new Map())).toBe(3);
    expect(await most(new Map([[fixture.vm('guarded'), 'restart']]))).toBe(2);
    const both = new Map([
      [fixture.vm('guarded'), 'restart'],
      [fixture.vm('huge'), 'restart'],
    ]);
    expect(await most(both)).toBeLessThan(2);
    expect(await most(new Map([[fixture.vm('huge'), 'best-effort']]))).toBe(3);
    await expect(most(new Map([[fixture.vm('huge'), 'maybe']]))).rejects.toMatchObject({
      code: 'INVALID_VALUE',
      params: ['ha_restart_priority', 'maybe'],
    });
  });

  it('plans where VMs would be started', async () => {
    const vm = fixture.vm('guarded');
    const failed = fixture.db.get('VM', vm).resident_on;
    const plan = await call<Map<string, Map<string, string>>>('pool.ha_compute_vm_failover_plan', [failed], [vm]);
    const host = plan.get(vm)?.get('host');
    expect(host).toBeDefined();
    expect(host).not.toBe(failed);
  });

  it('tells when too much is asked for', async () => {
    const { db } = fixture;
    db.set('VM', fixture.vm('guarded'), { ha_always_run: true, ha_restart_priority: 'restart' });
    await call('pool.set_ha_host_failures_to_tolerate', pool, 3);
    expect(db.get('pool', pool)).toMatchObject({ ha_plan_exists_for: 2, ha_overcommitted: true });
    await call('pool.set_ha_host_failures_to_tolerate', pool, 1);
    expect(db.get('pool', pool)).toMatchObject({ ha_plan_exists_for: 1, ha_overcommitted: false });
    await expect(call('pool.set_ha_host_failures_to_tolerate', pool, -1)).rejects.toMatchObject({ code: 'INVALID_VALUE' });
    await expect(call('pool.enable_ha', [], new Map())).rejects.toMatchObject({ code: 'HA_NOT_INSTALLED' });
  });
});

describe('trust', () => {
  it('keeps certificates of authorities with their objects', async () => {
    const { cert } = await makeSelfSigned([]);
    await call('pool.install_ca_certificate', 'mine.pem', cert);
    expect(await call('pool.certificate_list')).toEqual(['mine.pem']);
    const [found] = fixture.db.filter('Certificate', (certificate) => certificate.name === 'mine.pem');
    expect(found?.[1].fingerprint_sha256).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    await call('pool.certificate_sync');
    await call('pool.uninstall_ca_certificate', 'mine.pem', false);
    expect(await call('pool.certificate_list')).toEqual([]);
    await expect(call('pool.install_ca_certificate', 'bad.pem', 'x')).rejects.toMatchObject({ code: 'CA_CERTIFICATE_INVALID' });
  });

  it('pins a certificate for a purpose once', async () => {
    const { cert } = await makeSelfSigned([]);
    await expect(call('pool.install_trusted_certificate', pool, false, cert, [])).rejects.toMatchObject({
      code: 'CERTIFICATE_LACKS_PURPOSE',
    });
    await call('pool.install_trusted_certificate', pool, false, cert, ['ldaps']);
    await expect(call('pool.install_trusted_certificate', pool, false, cert, ['ldaps'])).rejects.toMatchObject({
      code: 'TRUSTED_CERTIFICATE_ALREADY_EXISTS',
    });
    const [pinned] = fixture.db.filter('Certificate', ({ type }) => type === 'pinned');
    const given = await call<Map<string, string[]>>('pool.exchange_trusted_certificates_on_join', pool, false, new Map(), [
      pinned?.[0],
    ]);
    expect([...given]).toEqual([[cert, ['ldaps']]]);
    await call('pool.uninstall_trusted_certificate', pool, pinned?.[0]);
    expect(fixture.db.filter('Certificate', ({ type }) => type === 'pinned')).toEqual([]);
  });
});

describe('settings', () => {
  it('refuses what makes no sense', async () => {
    await expect(call('pool.add_to_guest_agent_config', pool, 'auto_update_enabled', 'maybe')).rejects.toMatchObject({
      params: ['guest_agent_config', 'auto_update_enabled = maybe'],
    });
    await expect(call('pool.configure_update_sync', pool, 'weekly', 7)).rejects.toMatchObject({
      code: 'INVALID_UPDATE_SYNC_DAY',
    });
    await expect(call('pool.set_update_sync_enabled', pool, true)).rejects.toMatchObject({ code: 'NO_REPOSITORIES_CONFIGURED' });
    await expect(call('pool.configure_repository_proxy', pool, 'ftp://x', '', '')).rejects.toMatchObject({
      code: 'INVALID_REPOSITORY_PROXY_URL',
    });
    await expect(call('pool.set_ext_auth_cache_expiry', pool, 0)).rejects.toMatchObject({ params: ['expiry', '0'] });
    await expect(call('pool.sync_updates', pool, false)).rejects.toMatchObject({ code: 'NO_REPOSITORY_ENABLED' });
  });

  it('hides the password of a proxy in a secret and forgets it again', async () => {
    const { db } = fixture;
    await call('pool.configure_repository_proxy', pool, 'http://proxy.invalid', 'me', 'hidden');
    const secret = db.get('pool', pool).repository_proxy_password;
    expect(db.get('secret', secret).value).toBe('hidden');
    await call('pool.disable_repository_proxy', pool);
    expect(db.exists('secret', secret)).toBe(false);
  });

  it('knows which secure-boot certificates it has', async () => {
    const file = (name: string) => {
      const header = Buffer.alloc(512);
      header.write(name);
      header.write('00000000004\0', 124);
      return Buffer.concat([header, Buffer.alloc(512, 'x')]);
    };
    const tar = (...names: string[]) => Buffer.concat([...names.map(file), Buffer.alloc(1024)]).toString('base64');
    expect(await call('pool.get_guest_secureboot_readiness', pool)).toBe('not_ready');
    await call('pool.set_custom_uefi_certificates', pool, tar('PK.auth', 'KEK.auth', 'db.auth'));
    expect(await call('pool.get_guest_secureboot_readiness', pool)).toBe('ready_no_dbx');
    await call('pool.set_custom_uefi_certificates', pool, tar('PK.auth', 'KEK.auth', 'db.auth', 'dbx.auth'));
    expect(await call('pool.get_guest_secureboot_readiness', pool)).toBe('ready');
  });
});
