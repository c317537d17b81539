import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PoolFixture, poolFixture, vmPlan } from '../../../api/testing/pool-fixture.js';
import { MissingParameter } from '../../failure.js';
import { startCommand } from '../../testing/command-run.js';
import { fixtureApi } from '../../testing/fixture-api.js';
import { snapshotFamily } from '../snapshot/index.js';
import { vmDeviceFamily } from '../vm-devices/index.js';
import { vmFamily } from './index.js';

const UUID = '5a0c0b1e-0000-4000-8000-0000000000';
const MIB = 2 ** 20;

let f: PoolFixture;

beforeEach(async () => {
  f = await poolFixture({
    vms: ['01', '02'].map((end) => vmPlan(`${UUID}${end}`, { name: `vm${end}`, description: 'mine', disks: [], cd: false })),
  });
});

afterEach(() => f.close());

const commands = [...vmFamily, ...snapshotFamily, ...vmDeviceFamily];

async function run(...words: string[]): Promise<string> {
  const { client, done } = startCommand(fixtureApi(f.api), commands, words);
  await done;
  return client.out;
}

const named = (name: string) => f.db.filter('VM', ({ name_label }) => name_label === name).map(([, fields]) => fields);

describe('copies', () => {
  it('print their uuids; the first one gets the description', async () => {
    const out = await run('vm-clone', '--multiple', 'name-description=mine', 'new-name-label=copy', 'new-name-description=new');
    const copies = named('copy');
    expect(out.trim().split('\n').sort()).toEqual(copies.map(({ uuid }) => uuid).sort());
    expect(copies.map(({ name_description }) => name_description).sort()).toEqual(['mine', 'new']);
  });

  it('are made of one VM where data are copied', async () => {
    await expect(run('vm-copy', '--multiple', 'new-name-label=copy')).rejects.toThrow('one VM at a time');
    expect(named('copy')).toEqual([]);
    await run('vm-copy', 'vm=vm01', 'new-name-label=copy');
    expect(named('copy')).toHaveLength(1);
  });

  it('leave disks out of snapshots that exist only', async () => {
    await expect(run('vm-snapshot', 'vm=vm01', 'new-name-label=s', 'ignore-vdi-uuids=a,b')).rejects.toMatchObject({
      params: ['VDI', 'a'],
    });
  });
});

describe('snapshots', () => {
  it('are named by snapshot-uuid before uuid, and are snapshots', async () => {
    const snapshot = (await run('vm-snapshot', 'vm=vm01', 'new-name-label=point')).trim();
    await expect(run('snapshot-revert', `snapshot-uuid=${UUID}01`, `uuid=${snapshot}`)).rejects.toThrow('is no snapshot');
    await expect(run('snapshot-revert')).rejects.toEqual(new MissingParameter('snapshot-uuid'));
    await expect(run('snapshot-reset-powerstate', `uuid=${snapshot}`)).rejects.toThrow('force=true');
    await run('snapshot-destroy', `snapshot-uuid=${snapshot}`, `uuid=${UUID}01`);
    expect([named('point'), named('vm01').length]).toEqual([[], 1]);
  });

  it('with memory are stopped before they go', async () => {
    await fixtureApi(f.api).call('VM', 'start', f.vm('vm01'), false, false);
    const checkpoint = (await run('vm-checkpoint', 'vm=vm01', 'new-name-label=point')).trim();
    expect(named('point')[0]?.power_state).toBe('Suspended');
    await run('snapshot-destroy', `uuid=${checkpoint}`);
    expect(named('point')).toEqual([]);
  });
});

describe('settings', () => {
  it('set memory, in bytes or with a suffix', async () => {
    await run(
      'vm-memory-limits-set',
      'vm=vm01',
      'static-min=64MiB',
      'dynamic-min=128m',
      'dynamic-max=268435456',
      'static-max=1 G',
    );
    expect(named('vm01')[0]).toMatchObject({
      memory_static_min: 64 * MIB,
      memory_dynamic_min: 128 * MIB,
      memory_dynamic_max: 256 * MIB,
      memory_static_max: 1024 * MIB,
    });
    await run('vm-memory-target-set', 'vm=vm01', 'target=200MiB');
    expect(named('vm01')[0]).toMatchObject({ memory_dynamic_min: 200 * MIB, memory_dynamic_max: 200 * MIB });
    await expect(run('vm-memory-set', 'vm=vm01', 'memory=lots')).rejects.toThrow("Failed to parse field 'memory'");
  });

  it('tell whether the firmware shows what that of a host does', async () => {
    const tell = () => run('vm-is-bios-customized', 'vm=vm01');
    const unset = await tell();
    f.db.set('VM', f.vm('vm01'), {
      bios_strings: new Map([
        ['bios-vendor', 'Xen'],
        ['hp-rombios', ''],
      ]),
    });
    const generic = await tell();
    f.db.set('VM', f.vm('vm01'), {
      bios_strings: new Map([
        ['bios-vendor', 'Xen'],
        ['system-serial-number', '7'],
      ]),
    });
    expect(new Set([unset, generic, await tell()]).size).toBe(3);
  });

  it('keep control domains and hosts of several names apart', async () => {
    const [domain] = f.db.filter('VM', ({ is_control_domain }) => is_control_domain);
    await expect(run('vm-destroy', `uuid=${domain?.[1].uuid}`)).rejects.toMatchObject({ code: 'OPERATION_NOT_ALLOWED' });
  });
});

describe('devices', () => {
  it('are drives of any kind, empty ones not for disks', async () => {
    await expect(run('vbd-create', `vm-uuid=${UUID}01`, 'device=0')).rejects.toThrow('can be empty');
    await expect(run('vbd-create', `vm-uuid=${UUID}01`, 'device=0', 'type=tape')).rejects.toThrow("Expected one of 'CD'");
    const uuid = (await run('vbd-create', `vm-uuid=${UUID}01`, 'device=3', 'type=cd', 'mode=ro', 'unpluggable=no')).trim();
    expect(f.db.filter('VBD', (vbd) => vbd.uuid === uuid)[0]?.[1]).toMatchObject({
      type: 'CD',
      mode: 'RO',
      unpluggable: false,
      empty: true,
      userdevice: '3',
    });
  });

  it('are cards of all VMs that match', async () => {
    const out = await run('vm-vif-list', 'params=device,MAC');
    expect(out.match(/^device \( RO\) {4}: 0\n {7}MAC \( RO\): [0-9a-f:]{17}$/gm)).toHaveLength(2);
  });
});

describe('groups and schedules', () => {
  it('know their words', async () => {
    await expect(run('vm-group-create', 'name-label=g', 'placement=near')).rejects.toThrow(
      'Invalid VM placement policy, got near',
    );
    await run('vm-group-create', 'name-label=g', 'placement=anti-affinity');
    expect([...f.db.all('VM_group')].map(([, { placement }]) => placement)).toEqual(['anti_affinity']);
    await run('vmss-create', 'name-label=s', 'type=Snapshot', 'frequency=daily', 'schedule:hour=3', 'schedule:min=0');
    const [schedule] = [...f.db.all('VMSS')].map(([, fields]) => fields);
    expect(schedule).toMatchObject({ type: 'snapshot', retained_snapshots: 7, enabled: true });
    expect(schedule?.schedule).toEqual(
      new Map([
        ['hour', '3'],
        ['min', '0'],
      ]),
    );
  });
});

describe('recovery', () => {
  it('needs the disk with the database', async () => {
    for (const command of ['vm-recover', 'vm-assert-can-be-recovered', 'appliance-recover', 'appliance-assert-can-be-recovered'])
      await expect(run(command, 'uuid=x')).rejects.toThrow('database:vdi-uuid');
  });
});

describe('console', () => {
  const connect = (...words: string[]) => startCommand(fixtureApi(f.api), vmFamily, ['console', ...words], { httpConnect });
  let urls: string[] = [];
  const httpConnect = (url: string) => {
    urls.push(url);
    return Promise.resolve(true);
  };

  it('connects to the text console, wherever the client has reached the server', async () => {
    urls = [];
    const location = 'https://192.0.2.9/console?uuid=u';
    f.db.create('console', { protocol: 'rfb', location: `${location}0`, VM: f.vm('vm01') });
    f.db.create('console', { protocol: 'vt100', location: `${location}1`, VM: f.vm('vm01') });
    const { client, context, done } = connect('vm=vm01');
    await done;
    expect(urls).toEqual([`/console?uuid=u1&session_id=${context.api.session}`]);
    expect(client.out).toContain('vm01');
  });

  it('says why it cannot, with exit code 1', async () => {
    for (const [words, text] of [
      [['vm=nobody'], 'No VM found\n'],
      [[], 'Multiple VMs found\n'],
      [['vm=vm01'], 'This VM has no text console\n'],
    ] as const) {
      const { client, done } = connect(...words);
      await expect(done).rejects.toMatchObject({ exitCode: 1 });
      expect([client.out, client.err]).toEqual(['', text]);
    }
  });
});
