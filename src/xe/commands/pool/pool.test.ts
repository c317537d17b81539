import { beforeEach, describe, expect, it } from 'vitest';
import { type ApiFixture, apiFixture } from '../../../api/testing/fixture.js';
import { ApiError } from '../../../model/error.js';
import { asRef, NULL_REF } from '../../../model/ref.js';
import type { ApiClient } from '../../api/api-client.js';
import { CommandExit, CommandFailure } from '../../failure.js';
import { fixtureApi } from '../../testing/fixture-api.js';
import { type ClientPart, commandOf, runForClient } from '../../testing/run-for-client.js';
import { type Answer, scriptedApi } from '../../testing/scripted-api.js';
import { poolFamily } from './index.js';

let fixture: ApiFixture;
let api: ApiClient;
let sent: string[];
beforeEach(async () => {
  fixture = await apiFixture();
  sent = [];
  api = fixtureApi(fixture.api, sent);
});

const runFor = (part: ClientPart, name: string, ...words: string[]) =>
  runForClient(api, commandOf(poolFamily, name), part, ...words);

/** Runs a command against an API that only answers this. */
async function scripted(answers: Readonly<Record<string, Answer>>, name: string, ...words: string[]) {
  const script = scriptedApi(answers);
  const outcome = await runForClient(script.api, commandOf(poolFamily, name), { files: { '/etc/x/ca.pem': 'PEM' } }, ...words);
  return { ...outcome, sent: script.sent };
}

const thrower = (code: ConstructorParameters<typeof ApiError>[0]) => () => {
  throw new ApiError(code);
};

describe('pool-join', () => {
  const words = ['master-address=a', 'master-username=u', 'master-password=p'];

  it('tells of the delay', async () => {
    const { out, sent } = await scripted({ 'pool.join': '' }, 'pool-join', ...words);
    expect(out).toContain(' 10.000 seconds');
    expect(sent).toEqual([['pool.join', 'a', 'u', 'p']]);
    expect((await scripted({ 'pool.join_force': '' }, 'pool-join', ...words, '--force')).sent[0]?.[0]).toBe('pool.join_force');
  });

  it('takes a pool that cannot be reached for no error, and any other trouble for one', async () => {
    const { out, failure } = await scripted({ 'pool.join': thrower('JOINING_HOST_CONNECTION_FAILED') }, 'pool-join', ...words);
    expect(failure).toBeUndefined();
    expect(out.trimEnd().split('\n')).toHaveLength(2);
    expect(out).not.toContain('10.000');
    const other = await scripted({ 'pool.join': thrower('JOINING_HOST_SERVICE_FAILED') }, 'pool-join', ...words);
    expect(other.failure).toMatchObject({ code: 'JOINING_HOST_SERVICE_FAILED' });
  });
});

describe('pool-eject', () => {
  it('names the disks that no other host can reach, and asks', async () => {
    const { db } = fixture.api;
    const [local, shared] = [db.create('SR', { shared: false }), db.create('SR', { shared: true })];
    const other = db.create('host', { name_label: 'other' });
    for (const [SR, host] of [
      [local, fixture.host],
      [shared, fixture.host],
      [shared, other],
    ] as const)
      db.create('PBD', { SR, host });
    const lost = db.create('VDI', { SR: local, name_label: 'lost' });
    db.create('VDI', { SR: shared, name_label: 'kept' });
    const host = `host-uuid=${api.uuid('host', fixture.host)}`;
    const { out, failure } = await runFor({ answers: ['n'] }, 'pool-eject', host);
    expect(out).toContain(`\nVDI: ${db.get('VDI', lost).uuid} (lost)\n`);
    expect(out).not.toContain('kept');
    expect(failure).toEqual(new CommandExit(0));
    expect(sent).not.toContain('pool.eject');
    expect((await runFor({}, 'pool-eject', host, '--force')).out).toBe('');
    expect(sent).toContain('pool.eject');
  });
});

describe('pool-emergency-transition-to-master', () => {
  it('leaves a coordinator alone unless it is forced', async () => {
    const { out } = await runFor({}, 'pool-emergency-transition-to-master');
    expect(out).toMatch(/coordinator already/);
    expect(sent).not.toContain('pool.emergency_transition_to_master');
    expect((await runFor({}, 'pool-emergency-transition-to-master', '--force')).out).toContain(' 10.000 ');
    expect(sent).toContain('pool.emergency_transition_to_master');
  });
});

describe('pool-restore-database', () => {
  it('wants to know how it is meant; any value will do', async () => {
    const requests: URL[] = [];
    const request = (url: URL) => {
      requests.push(url);
      return fixture.api.tasks.succeed(asRef<'task'>(url.searchParams.get('task_id') ?? ''), '');
    };
    const restore = (...words: string[]) => runFor({ request }, 'pool-restore-database', 'file-name=f', ...words);
    expect((await restore()).failure).toBeInstanceOf(CommandFailure);
    expect(requests).toEqual([]);
    const tried = await restore('dry-run=whatever');
    const done = await restore('force=whatever');
    expect(requests.map((url) => url.searchParams.get('dry_run'))).toEqual(['true', 'false']);
    expect(tried.out).not.toBe(done.out);
    expect(done.fileNames).toEqual(['f']);
  });
});

describe('high availability', () => {
  it('may watch over no SR that is named', async () => {
    const { sent } = await scripted({ 'pool.enable_ha': '' }, 'pool-ha-enable', 'ha-config:timeout=60');
    expect(sent).toEqual([['pool.enable_ha', [], new Map([['timeout', '60']])]]);
    const two = await scripted({ 'pool.enable_ha': '' }, 'pool-ha-enable', 'heartbeat-sr-uuids=a,b');
    expect(two.sent[0]?.[1]).toEqual(['OpaqueRef:a', 'OpaqueRef:b']);
  });

  it('pairs VMs and priorities in their order', async () => {
    const name = 'pool-ha-compute-hypothetical-max-host-failures-to-tolerate';
    const message = 'pool.ha_compute_hypothetical_max_host_failures_to_tolerate';
    const words = ['vm-uuid=a', 'vm-uuid=b', 'restart-priority=restart', 'restart-priority=best-effort'];
    const { out, sent } = await scripted({ [message]: 3 }, name, ...words);
    expect(out).toBe('3\n');
    const pairs = new Map([
      ['OpaqueRef:a', 'restart'],
      ['OpaqueRef:b', 'best-effort'],
    ]);
    expect(sent).toEqual([[message, pairs]]);
    expect((await scripted({ [message]: 3 }, name, ...words.slice(1))).failure).toBeInstanceOf(CommandFailure);
  });

  it('plans for VMs that run on hosts, and not for their control domains', async () => {
    const { db } = fixture.api;
    const other = db.create('host', { name_label: 'other' });
    const vm = db.create('VM', { name_label: 'v', resident_on: fixture.host, power_state: 'Running' });
    const control = db.create('VM', { name_label: 'c', resident_on: fixture.host, is_control_domain: true });
    const plan = (fate: readonly (readonly [string, string])[]) =>
      scripted(
        {
          'host.get_resident_VMs': [vm, control],
          'VM.get_is_control_domain': (ref: string) => ref === control,
          'VM.get_record': () => db.record('VM', vm),
          'host.get_record': () => db.record('host', other),
          'pool.ha_compute_vm_failover_plan': new Map([[vm, new Map(fate)]]),
        },
        'pool-ha-compute-vm-failover-plan',
        'host-uuids=h',
      );
    const name = `${db.get('VM', vm).uuid} (v)`;
    const placed = await plan([['host', other]]);
    expect(placed.out).toBe(`${name}    : ${db.get('host', other).uuid} (other)\n\n\n`);
    expect(placed.sent.find(([message]) => message === 'pool.ha_compute_vm_failover_plan')?.slice(1)).toEqual([
      ['OpaqueRef:h'],
      [vm],
    ]);
    expect((await plan([['error_code', 'NO_HOSTS_AVAILABLE']])).out).toBe(`${name}    : NO_HOSTS_AVAILABLE\n\n\n`);
  });
});

describe('certificates', () => {
  it('have the name of their file without directories', async () => {
    const { sent } = await scripted(
      { 'pool.install_ca_certificate': '' },
      'pool-install-ca-certificate',
      'filename=/etc/x/ca.pem',
    );
    expect(sent).toEqual([['pool.install_ca_certificate', 'ca.pem', 'PEM']]);
  });

  it('are for the purposes that there are', async () => {
    const words = ['filename=/etc/x/ca.pem', 'ca=no', 'uuid=p'];
    const answers = { 'pool.install_trusted_certificate': '' };
    const { sent } = await scripted(answers, 'pool-install-trusted-certificate', ...words, 'purpose=LDAPS,licensing');
    expect(sent).toEqual([['pool.install_trusted_certificate', 'OpaqueRef:p', false, 'PEM', ['ldaps', 'licensing']]]);
    const wrong = await scripted(answers, 'pool-install-trusted-certificate', ...words, 'purpose=fun');
    expect(wrong.failure).toEqual(new CommandFailure("Expected one of 'licensing', 'ldaps', got fun"));
  });

  it('that cannot be read are not installed', async () => {
    const { failure, sent } = await scripted({}, 'pool-crl-install', 'filename=/nowhere');
    expect(failure).toBeInstanceOf(CommandFailure);
    expect(sent).toEqual([]);
  });
});

describe('updates', () => {
  it('are looked for on a day of the week, which daily ones do not have', async () => {
    const configure = (frequency: string, day: string) =>
      scripted(
        { 'pool.configure_update_sync': '' },
        'pool-configure-update-sync',
        'uuid=p',
        `update-sync-frequency=${frequency}`,
        `update-sync-day=${day}`,
      );
    expect((await configure('daily', 'x')).sent[0]?.slice(2)).toEqual(['daily', 0]);
    expect((await configure('weekly', '6')).sent[0]?.slice(2)).toEqual(['weekly', 6]);
    for (const day of ['7', '-1', 'x']) expect((await configure('weekly', day)).failure).toBeInstanceOf(CommandFailure);
  });
});

describe('the pool of a command', () => {
  it('is the one that there is unless another is named', async () => {
    expect((await runFor({}, 'pool-reset-telemetry-uuid')).failure).toBeUndefined();
    expect((await runFor({}, 'pool-reset-telemetry-uuid', 'uuid=zz')).failure).toEqual(
      new ApiError('UUID_INVALID', 'pool', 'zz'),
    );
  });

  it('shows the features of its processors that there are', async () => {
    const cpu_info = new Map([
      ['features_hvm', 'x'],
      ['features_hvm_host', 'y'],
    ]);
    fixture.api.db.set('pool', fixture.api.pool, { cpu_info });
    expect((await runFor({}, 'pool-get-cpu-features')).out).toBe('features_hvm_host    : y\n\n\n');
  });
});

describe('workload balancing', () => {
  it('hands parameters of a report on, and nothing of the login', async () => {
    const requests: URL[] = [];
    const request = (url: URL) => {
      requests.push(url);
      return fixture.api.tasks.succeed(asRef<'task'>(url.searchParams.get('task_id') ?? ''), '');
    };
    const words = ['report=r', 'filename=f', 'Start=-1', 'username=root', 'password=secret'];
    const { out, fileNames } = await runFor({ request }, 'pool-retrieve-wlb-report', ...words);
    expect(fileNames).toEqual(['f']);
    expect([...(requests[0]?.searchParams.keys() ?? [])]).toEqual(['session_id', 'task_id', 'report', 'Start']);
    expect(out).toMatch(/succeeded\n$/);
    const shown = await runFor({ request }, 'pool-retrieve-wlb-diagnostics');
    expect(shown).toMatchObject({ out: '', fileNames: [''] });
  });

  it('names VMs with what it recommends', async () => {
    const vm = fixture.api.db.create('VM', { name_label: 'v' });
    const { uuid } = fixture.api.db.get('VM', vm);
    const { out } = await scripted(
      {
        'pool.retrieve_wlb_recommendations': new Map([[vm, ['WLB', NULL_REF]]]),
        'VM.get_record': () => fixture.api.db.record('VM', vm),
      },
      'pool-retrieve-wlb-recommendations',
    );
    expect(out).toContain(`    ${uuid} (v): WLB ${NULL_REF}\n`);
  });
});
