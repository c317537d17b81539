import { beforeEach, describe, expect, it } from 'vitest';
import { type ApiFixture, apiFixture } from '../../../api/testing/fixture.js';
import { ApiError } from '../../../model/error.js';
import { asRef } from '../../../model/ref.js';
import type { ApiClient } from '../../api/api-client.js';
import { CommandExit, CommandFailure, MissingParameter } from '../../failure.js';
import { fixtureApi } from '../../testing/fixture-api.js';
import { type ClientPart, commandOf, runForClient } from '../../testing/run-for-client.js';
import { scriptedApi } from '../../testing/scripted-api.js';
import { hostFamily } from './index.js';
import { licenseTable } from './license-table.js';
import { logsFileName } from './logs-file-name.js';
import { rightAligned } from './right-aligned.js';

let fixture: ApiFixture;
let api: ApiClient;
let sent: string[];
beforeEach(async () => {
  fixture = await apiFixture();
  sent = [];
  api = fixtureApi(fixture.api, sent);
});

const run = (name: string, ...words: string[]) => runFor({}, name, ...words);
const runFor = (part: ClientPart, name: string, ...words: string[]) =>
  runForClient(api, commandOf(hostFamily, name), part, ...words);
const uuid = () => api.uuid('host', fixture.host);

describe('a host that will not come back', () => {
  it.each([
    ['host-forget', 'host.destroy'],
    ['host-declare-dead', 'host.declare_dead'],
  ])('takes a yes in any spelling: %s', async (name, message) => {
    const { out, failure } = await runFor({ answers: ['  YES '] }, name, `uuid=${uuid()}`);
    expect(out).toMatch(/^WARNING: .*\n.*\nType 'yes' to continue\n$/);
    expect(sent).toContain(message);
    expect(failure).toBeInstanceOf(ApiError);
  });

  it('stays after anything else, and that is no error', async () => {
    const { out, failure } = await runFor({ answers: ['yes please'] }, 'host-forget', `uuid=${uuid()}`, '--minimal');
    expect(out.endsWith("Type 'yes' to continue\nAborted (you typed: 'yes please')\n")).toBe(true);
    expect(failure).toEqual(new CommandExit(0));
    expect(sent).not.toContain('host.destroy');
  });

  it('is not asked about with --force', async () => {
    const { out } = await run('host-forget', `uuid=${uuid()}`, '--force');
    expect(out).toBe('');
    expect(sent).toContain('host.destroy');
  });
});

describe('the host of a command', () => {
  it('is that of the session when none is named', async () => {
    fixture.api.db.set('host', fixture.host, { cpu_info: new Map([['speed', '1']]) });
    expect((await run('host-cpu-info')).out).toBe('speed    : 1\n\n\n');
    expect((await run('host-cpu-info', 'uuid=zz')).failure).toEqual(new ApiError('UUID_INVALID', 'host', 'zz'));
  });

  it('may be selected by a uuid that finds nothing', async () => {
    expect((await run('host-get-sm-diagnostics', 'uuid=zz')).failure).toEqual(new CommandFailure('No matching hosts found'));
  });
});

it('host-enable ends maintenance before', async () => {
  fixture.api.db.set('host', fixture.host, { other_config: new Map([['MAINTENANCE_MODE', 'true']]) });
  await run('host-enable');
  expect(api.get('host', fixture.host, 'other_config')).toEqual(new Map());
});

it('host-set-power-on-mode takes a map that is listed without its colon', async () => {
  const { api, sent } = scriptedApi({
    'host.get_all_records_where': new Map([[fixture.host, fixture.api.db.record('host', fixture.host)]]),
    'host.set_power_on_mode': '',
  });
  const words = ['power-on-mode=custom', 'power-on-config:ip=192.0.2.9', `host=${uuid()}`];
  const { failure } = await runForClient(api, commandOf(hostFamily, 'host-set-power-on-mode'), {}, ...words);
  expect(failure).toBeUndefined();
  expect(sent[1]).toEqual(['host.set_power_on_mode', fixture.host, 'custom', new Map([['ip', '192.0.2.9']])]);
});

describe('features of processors', () => {
  it('come in their own order, and only those that are there', async () => {
    const cpu_info = new Map([
      ['features_hvm_host', 'd'],
      ['flags', 'x'],
      ['features_pv', 'a'],
    ]);
    fixture.api.db.set('host', fixture.host, { cpu_info });
    const { out } = await run('host-get-cpu-features');
    expect(out).toBe('features_pv          : a\n    features_hvm_host: d\n\n\n');
  });
});

describe('VMs that prevent evacuation', () => {
  it('are shown with the reason, or with what params= names', async () => {
    const vm = fixture.api.db.create('VM', { name_label: 'stays', power_state: 'Running', resident_on: fixture.host });
    const record = fixture.api.db.record('VM', vm);
    const { api } = scriptedApi({
      'host.get_vms_which_prevent_evacuation': new Map([[vm, ['VM_LACKS_FEATURE', 'x']]]),
      'VM.get_record': () => record,
    });
    const command = commandOf(hostFamily, 'host-get-vms-which-prevent-evacuation');
    const shown = await runForClient(api, command, {}, 'uuid=u');
    expect(shown.out).toBe(
      [
        `uuid ( RO)          : ${record.fields.uuid}`,
        '    name-label ( RW): stays',
        '        reason ( RO): VM_LACKS_FEATURE,x\n\n\n',
      ].join('\n'),
    );
    const chosen = await runForClient(api, command, {}, 'uuid=u', 'params=reason,power-state');
    expect(chosen.out).toBe('power-state ( RO)    : running\n         reason ( RO): VM_LACKS_FEATURE,x\n\n\n');
  });
});

describe('editions', () => {
  it('are told when one is named that does not exist; the license server stays as given', async () => {
    const { api, sent } = scriptedApi({
      'session.get_this_host': 'OpaqueRef:h',
      'host.get_license_server': new Map(),
      'host.remove_from_license_server': '',
      'host.add_to_license_server': '',
      'host.get_editions': ['free', 'xcp-ng'],
      'host.apply_edition': () => {
        throw new ApiError('INVALID_EDITION', 'none');
      },
    });
    const words = ['edition=none', 'license-server-address=new.invalid', 'license-server-port=27001', '--force'];
    const { err, failure } = await runForClient(api, commandOf(hostFamily, 'host-apply-edition'), {}, ...words);
    expect(err).toBe('Valid editions are: free, xcp-ng\n');
    expect(failure).toMatchObject({ code: 'INVALID_EDITION' });
    expect(sent.filter(([name]) => /^host\.(?:add|apply|set)/.test(name))).toEqual([
      ['host.add_to_license_server', 'OpaqueRef:h', 'address', 'new.invalid'],
      ['host.add_to_license_server', 'OpaqueRef:h', 'port', '27001'],
      ['host.apply_edition', 'OpaqueRef:h', 'none', true],
    ]);
  });

  it('that no license is to be had for bring the server back', async () => {
    const before = new Map([['address', 'old.invalid']]);
    const { api, sent } = scriptedApi({
      'host.get_license_server': before,
      'host.remove_from_license_server': '',
      'host.add_to_license_server': '',
      'host.set_license_server': '',
      'host.apply_edition': () => {
        throw new ApiError('LICENSE_CHECKOUT_ERROR', 'code', 'message');
      },
    });
    const words = ['edition=e', 'host-uuid=h', 'license-server-address=new.invalid'];
    const { failure } = await runForClient(api, commandOf(hostFamily, 'host-apply-edition'), {}, ...words);
    expect(failure).toMatchObject({ code: 'LICENSE_CHECKOUT_ERROR' });
    expect(sent.map(([name]) => name)).toEqual([
      'host.get_license_server',
      'host.remove_from_license_server',
      'host.add_to_license_server',
      'host.apply_edition',
      'host.set_license_server',
    ]);
    expect(sent.at(-1)).toEqual(['host.set_license_server', 'OpaqueRef:h', before]);
  });

  it('change nothing when the port of the server is none', async () => {
    const { failure } = await run('host-apply-edition', 'edition=none', 'license-server-port=70000');
    expect(failure).toBeInstanceOf(CommandFailure);
    expect(sent).not.toContain('host.apply_edition');
  });

  it('are shown without their old name', async () => {
    fixture.api.db.set('host', fixture.host, {
      license_params: new Map([
        ['sku_type', 'x'],
        ['expiry', 'never'],
      ]),
    });
    expect((await run('host-license-view')).out).toBe('expiry    : never\n\n\n');
  });
});

describe('diagnostic-license-status', () => {
  it('fills columns up at the right, and counts features and days', () => {
    fixture.api.db.set('host', fixture.host, {
      edition: 'free',
      license_params: new Map([
        ['restrict_a', 'true'],
        ['restrict_b', 'false'],
        ['expiry', '20300111T00:00:00Z'],
      ]),
    });
    const host = fixture.api.db.record('host', fixture.host);
    const pool = fixture.api.db.record('pool', fixture.api.pool);
    expect(licenseTable([host], [pool], Date.parse('2030-01-01T12:00:00Z'))).toEqual([
      'Hostname UUID     Features Edition Expiry             Days left',
      `one      ${host.fields.uuid.slice(0, 8)} 1/2      free    20300111T00:00:00Z 9        `,
      '-        -        0/0      -       -                  -        ',
    ]);
  });
});

it('diagnostic-net-stats has cells at the right', () => {
  expect(
    rightAligned([
      ['GET', '/export', '1'],
      ['OPTIONS', '/', '12'],
    ]),
  ).toEqual(['    GET | /export |  1', 'OPTIONS |       / | 12']);
});

describe('the health check', () => {
  const check = (healthy: unknown) =>
    runForClient(
      scriptedApi({ 'host.ha_xapi_healthcheck': healthy as () => unknown }).api,
      commandOf(hostFamily, 'host-ha-xapi-healthcheck'),
      {},
      '--minimal',
    );

  it('tells by its exit code', async () => {
    expect((await check(() => true)).failure).toBeUndefined();
    expect((await check(() => false)).failure).toEqual(new CommandExit(2));
    const broken = await check(() => {
      throw new ApiError('HOST_BROKEN');
    });
    expect(broken.failure).toEqual(new CommandExit(3));
    expect(broken.out).toContain('HOST_BROKEN');
  });
});

describe('logs', () => {
  it('are named by the time when nobody names them', () => {
    expect(logsFileName(new Date('2026-03-07T08:09:05Z'))).toBe('logs-2026-3-7T080905Z');
  });

  it('of several hosts have names of their own', async () => {
    fixture.api.db.create('host', { name_label: 'host two' });
    const { fileNames } = await runFor(
      {
        request: (url) => fixture.api.tasks.succeed(asRef<'task'>(url.searchParams.get('task_id') ?? ''), ''),
      },
      'host-logs-download',
      'file-name=logs',
      '--multiple',
    );
    expect(fileNames).toEqual(['logs-host one', 'logs-host two']);
  });
});

describe('parameters', () => {
  it('of a report go without those of the login', async () => {
    const { api, sent } = scriptedApi({ 'host_crashdump.upload': '' });
    const words = ['uuid=d', 'url=ftp://x', 'http_proxy=p', 'username=root', 'password=secret'];
    await runForClient(api, commandOf(hostFamily, 'host-crashdump-upload'), {}, ...words);
    expect(sent).toEqual([['host_crashdump.upload', 'OpaqueRef:d', 'ftp://x', new Map([['http_proxy', 'p']])]]);
  });

  it.each(['host-enable-external-auth', 'host-disable-external-auth'])(
    'have to include force, whatever it says: %s',
    async (name) => {
      const words = [`host-uuid=${uuid()}`, 'auth-type=AD', 'service-name=x'];
      expect((await run(name, ...words)).failure).toBeInstanceOf(CommandFailure);
      await run(name, ...words, 'force=whatever');
      expect(sent.some((message) => message.endsWith('able_external_auth'))).toBe(true);
    },
  );

  it('that no list names can be missing all the same', async () => {
    expect((await run('host-prepare-for-poweroff')).failure).toEqual(new MissingParameter('uuid'));
  });

  it('of a certificate name files, and one chain', async () => {
    const words = ['certificate=c', 'private-key=k'];
    const files = { c: 'cert', k: 'key', a: 'chain a' };
    expect((await run('host-server-certificate-install', ...words)).failure).toBeInstanceOf(CommandFailure);
    const twice = [...words, 'certificate-chain=a', 'certificate-chain=b'];
    expect((await runFor({ files }, 'host-server-certificate-install', ...twice)).failure).toBeInstanceOf(CommandFailure);
    expect(sent).not.toContain('host.install_server_certificate');
    await runFor({ files }, 'host-server-certificate-install', ...words, 'certificate-chain=a');
    expect(sent).toContain('host.install_server_certificate');
  });
});

describe('variants of drivers', () => {
  const select = async (...names: string[]) => {
    const { api, sent } = scriptedApi({
      'Host_driver.get_variants': names.map((_, i) => i),
      'Driver_variant.get_record': (i: number) => ({ fields: { name: names[i] } }),
      'Host_driver.select': '',
    });
    const command = commandOf(hostFamily, 'hostdriver-select');
    const { failure } = await runForClient(api, command, {}, 'uuid=d', 'variant-name=v');
    return { failure, last: sent.at(-1) };
  };

  it('are selected by a name that one of them has', async () => {
    expect(await select('u', 'v')).toEqual({ failure: undefined, last: ['Host_driver.select', 'OpaqueRef:d', 1] });
    expect((await select('u')).failure).toBeInstanceOf(CommandFailure);
    expect((await select('v', 'v')).failure).toBeInstanceOf(CommandFailure);
  });

  it('are given up by force alone', async () => {
    const { api, sent } = scriptedApi({ 'Host_driver.deselect': '' });
    const command = commandOf(hostFamily, 'hostdriver-deselect');
    expect((await runForClient(api, command, {}, 'uuid=d', 'force=no')).failure).toBeInstanceOf(CommandFailure);
    expect(sent).toEqual([]);
    await runForClient(api, command, {}, 'uuid=d', 'force=yes');
    expect(sent).toEqual([['Host_driver.deselect', 'OpaqueRef:d']]);
  });
});
