import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PoolFixture, poolFixture, vmPlan } from '../../../api/testing/pool-fixture.js';
import { NULL_REF, type Ref } from '../../../model/ref.js';
import type { Client } from '../../client.js';
import { MissingParameter } from '../../failure.js';
import { Parameters } from '../../parameters.js';
import { type CommandRun, startCommand } from '../../testing/command-run.js';
import { fixtureApi } from '../../testing/fixture-api.js';
import { snapshotCommands } from '../snapshot/snapshots.js';
import { templateCommands } from '../template/templates.js';
import { exportCommands } from './export.js';
import { exportOptions } from './export-file.js';
import { importCommands, importedVms } from './import.js';

const UUID = '5a0c0b1e-0000-4000-8000-0000000000';

let f: PoolFixture;
let requests: { fileName: string; url: URL }[];

beforeEach(async () => {
  f = await poolFixture({ vms: ['01', '02'].map((end) => vmPlan(`${UUID}${end}`, { name: `vm${end}`, disks: [] })) });
  requests = [];
});

afterEach(() => f.close());

/** A client whose requests are served with a result for the task. */
function run(words: readonly string[], result = ''): CommandRun {
  const serve: Client['httpGet'] = (fileName, text) => {
    const url = new URL(text, 'http://server');
    requests.push({ fileName, url });
    f.api.tasks.succeed(url.searchParams.get('task_id') ?? '', result);
    return Promise.resolve(true);
  };
  const commands = [...exportCommands, ...importCommands, ...snapshotCommands, ...templateCommands];
  return startCommand(fixtureApi(f.api), commands, words, { httpGet: serve, httpPut: serve });
}

function queries(): Record<string, string>[] {
  return requests.map(({ url }) => {
    const { session_id: session, task_id: task, ...rest } = Object.fromEntries(url.searchParams);
    expect([session, task].every((ref) => ref?.startsWith('OpaqueRef:'))).toBe(true);
    return rest;
  });
}

const templateUuid = () => f.db.filter('VM', ({ is_a_template }) => is_a_template)[0]?.[1].uuid ?? '';

describe('vm-export', () => {
  it('has the client fetch the VM into the file', async () => {
    const { client, done } = run(['vm-export', 'vm=vm01', 'filename=a.xva', 'compress=true', 'preserve-power-state=yes']);
    await done;
    expect(client.out).toBe('Export succeeded\n');
    expect(requests.map(({ fileName, url }) => [fileName, url.pathname])).toEqual([['a.xva', '/export']]);
    expect(queries()).toEqual([
      { ref: f.vm('vm01'), use_compression: 'gzip', preserve_power_state: 'true', export_snapshots: 'false' },
    ]);
  });

  it('numbers the files of several VMs from the second on', async () => {
    await run(['vm-export', '--multiple', 'filename=a.xva']).done;
    expect(requests.map(({ fileName }) => fileName)).toEqual(['a.xva', 'a.xva2']);
  });

  it('says nothing where the VM itself goes to standard output', async () => {
    const { client, done } = run(['vm-export', 'vm=vm01', 'filename=']);
    await done;
    expect(client.out).toBe('');
  });

  it('leaves the disks out, and devices too, where it is told so', async () => {
    await run(['vm-export', 'vm=vm01', 'filename=m', 'metadata=true', 'excluded-device-types=vbd,vif']).done;
    expect(requests[0]?.url.pathname).toBe('/export_metadata');
    expect(queries()[0]).toMatchObject({ export_snapshots: 'true', excluded_device_types: 'vbd,vif' });
  });

  it('knows how it can compress', () => {
    const of = (value: string) => exportOptions(new Parameters([{ name: 'compress', value }])).compression;
    expect(['true', 'false', 'GZIP', 'zstd', '0'].map(of)).toEqual(['gzip', 'false', 'gzip', 'zstd', 'false']);
    expect(() => of('bzip2')).toThrow("Failed to parse parameter 'compress'");
  });

  it('exports templates and snapshots, each with its own command', async () => {
    await run(['template-export', `template-uuid=${templateUuid()}`, 'filename=t', 'preserve-power-state=true']).done;
    expect(queries()[0]).toMatchObject({ preserve_power_state: 'false' });
    const snapshot = await fixtureApi(f.api).call('VM', 'snapshot', f.vm('vm01'), 'point', []);
    const { uuid } = f.db.get('VM', snapshot);
    await run(['snapshot-export-to-template', `snapshot-uuid=${uuid}`, 'filename=s']).done;
    expect(queries()[1]).toMatchObject({ ref: snapshot });
    await expect(run(['template-export', `template-uuid=${uuid}`, 'filename=t']).done).rejects.toThrow('This is a snapshot');
    for (const command of ['template-export template-uuid', 'snapshot-export-to-template snapshot-uuid'])
      await expect(run([...`${command}=${UUID}01`.split(' '), 'filename=t']).done).rejects.toThrow(/ is no /);
  });
});

describe('vm-import', () => {
  const sr = () => f.db.filter('SR', ({ name_label }) => name_label === 'NFS')[0]?.[0] ?? '';
  const vms = () => [f.vm('vm01'), f.vm('vm02')];
  const result = (refs: readonly string[]) =>
    `<value><array><data>${refs.map((ref) => `<value>${ref}</value>`).join('')}</data></array></value>`;

  it('has the client send the file, and prints what came of it', async () => {
    const words = ['vm-import', 'filename=/x/a.xva', 'preserve=true', 'vdi:a-b=c-d'];
    const { client, done } = run(words, result(vms()));
    await done;
    expect(client.out).toBe(`${UUID}01,${UUID}02\n`);
    expect(requests.map(({ fileName, url }) => [fileName, url.pathname])).toEqual([['/x/a.xva', '/import']]);
    expect(queries()).toEqual([{ restore: 'true', force: 'false', dry_run: 'false', sr_id: sr(), 'vdi:a-b': 'c-d' }]);
  });

  it('sends metadata elsewhere, and may only try', async () => {
    await run(['vm-import', 'filename=m', 'metadata=true', 'dry-run=true'], result([])).done;
    expect(requests[0]?.url.pathname).toBe('/import_metadata');
    expect(queries()[0]).toMatchObject({ dry_run: 'true' });
    await expect(run(['vm-import', 'filename=m', 'dry-run=true']).done).rejects.toThrow('metadata=true');
  });

  it('takes the folder for the description in it', async () => {
    await run(['vm-import', 'filename=/x/y/ova.xml'], result([])).done;
    expect(requests[0]?.fileName).toBe('/x/y/');
  });

  it('keeps the task that it was given', async () => {
    const task = await fixtureApi(f.api).call('task', 'create', 'mine', '');
    await run(['vm-import', 'filename=a', `task-uuid=${f.db.get('task', task).uuid}`], result([])).done;
    expect(requests[0]?.url.searchParams.get('task_id')).toBe(task);
    expect(f.db.exists('task', task)).toBe(true);
  });

  it('refuses both ways at once, neither, and having no SR', async () => {
    await expect(run(['vm-import', 'filename=a', 'url=http://a']).done).rejects.toThrow('filename or url');
    await expect(run(['vm-import']).done).rejects.toEqual(new MissingParameter('filename'));
    await expect(run(['vm-import', 'type=VMware']).done).rejects.toEqual(new MissingParameter('host-username'));
    for (const [ref] of f.db.all('pool')) f.db.set('pool', ref, { default_SR: NULL_REF });
    await expect(run(['vm-import', 'filename=a']).done).rejects.toThrow('no default SR');
    expect(requests).toEqual([]);
  });

  it('reads references out of the result, and nothing else', () => {
    const refs: Ref<'VM'>[] = vms();
    expect(importedVms(result(refs))).toEqual(refs);
    for (const text of ['', 'OpaqueRef:x', '<value>x</value>', '<value><array>'])
      expect(() => importedVms(text)).toThrow('did not say which VMs');
  });
});
