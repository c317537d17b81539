import { beforeEach, describe, expect, it } from 'vitest';
import { type ApiFixture, apiFixture } from '../../../api/testing/fixture.js';
import { ApiError } from '../../../model/error.js';
import { asRef, type Ref } from '../../../model/ref.js';
import type { ApiClient } from '../../api/api-client.js';
import { CommandFailure } from '../../failure.js';
import { PlainPrinter } from '../../printer.js';
import { fixtureApi } from '../../testing/fixture-api.js';
import { RecordingClient } from '../../testing/recording-client.js';
import { parametersOf, runCommand } from '../../testing/run-command.js';
import { storageFamily } from './index.js';

let fixture: ApiFixture;
let api: ApiClient;
let requests: { fileName: string; url: URL }[];
beforeEach(async () => {
  fixture = await apiFixture();
  api = fixtureApi(fixture.api);
  requests = [];
});

function command(name: string) {
  const found = storageFamily.find((one) => one.name === name);
  if (!found) throw new Error(`no command ${name}`);
  return found;
}

/** Runs a command for a client whose requests are answered by `serve`, which gets their task. */
async function run(serve: (task: Ref<'task'>) => Promise<void> | void, name: string, ...words: string[]) {
  const request = async (fileName: string, text: string): Promise<boolean> => {
    const url = new URL(text, 'http://server');
    requests.push({ fileName, url });
    await serve(asRef<'task'>(url.searchParams.get('task_id') ?? ''));
    return true;
  };
  const client = Object.assign(new RecordingClient(), { httpGet: request, httpPut: request });
  const context = { api, client, parameters: parametersOf(...words), printer: new PlainPrinter(client), command: command(name) };
  const failure: unknown = await Promise.resolve(command(name).run(context)).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { out: client.out, err: client.err, failure };
}

const succeed = (task: Ref<'task'>) => fixture.api.tasks.succeed(task, '');
const query = (index = 0) => Object.fromEntries(requests[index]?.url.searchParams ?? []);
const aTask = { session_id: expect.stringMatching(/^OpaqueRef:/), task_id: expect.stringMatching(/^OpaqueRef:/) };

describe('blobs', () => {
  const create = async (...words: string[]) =>
    api.byUuid('blob', (await runCommand(api, command('blob-create'), 'name=icon', ...words)).trimEnd());

  it('belong to the first object that is named, in the order of the original', async () => {
    const [pool] = api.records('pool').keys();
    if (!pool) throw new Error('no pool');
    const words = [`host-uuid=${api.uuid('host', fixture.host)}`, `pool-uuid=${api.uuid('pool', pool)}`];
    const blob = await create(...words, 'mime-type=image/png', 'public=true');
    expect(api.get('pool', pool, 'blobs')).toEqual(new Map([['icon', blob]]));
    expect(api.get('host', fixture.host, 'blobs')).toEqual(new Map());
    expect(api.record('blob', blob).fields).toMatchObject({ mime_type: 'image/png', public: true });
    await expect(create()).rejects.toThrow(CommandFailure);
    await expect(create('vm-uuid=zz')).rejects.toMatchObject({ code: 'UUID_INVALID' });
  });

  it('are fetched and sent under a task, and their commands say so, except after content on standard output', async () => {
    const blob = await create(`host-uuid=${api.uuid('host', fixture.host)}`);
    const uuid = `uuid=${api.uuid('blob', blob)}`;
    expect(await run(succeed, 'blob-get', uuid, 'filename=/a b')).toMatchObject({
      out: 'Blob get succeeded\n',
      failure: undefined,
    });
    expect(await run(succeed, 'blob-put', uuid, 'filename=/c')).toMatchObject({
      out: 'Blob put succeeded\n',
      failure: undefined,
    });
    expect(await run(succeed, 'blob-get', uuid, 'filename=')).toMatchObject({ out: '', failure: undefined });
    expect(requests.map(({ fileName, url }) => [fileName, url.pathname])).toEqual([
      ['/a b', '/blob'],
      ['/c', '/blob'],
      ['', '/blob'],
    ]);
    expect(query()).toEqual({ ...aTask, ref: blob });
    const failed = await run(
      (task) => fixture.api.tasks.fail(task, new ApiError('VDI_IO_ERROR', 'x')),
      'blob-put',
      uuid,
      'filename=/c',
    );
    expect(failed).toMatchObject({ out: '', failure: { code: 'VDI_IO_ERROR' } });
    expect(api.records('task').size).toBe(0);
  });
});

describe('disks', () => {
  let uuid: string;
  beforeEach(() => {
    const sr = fixture.api.db.create('SR', { name_label: 'disks' });
    const vdi = fixture.api.db.create('VDI', { SR: sr, name_label: 'disk', virtual_size: 1 });
    uuid = api.uuid('VDI', vdi);
  });

  it('go out in the format that is asked for, and come in without a word', async () => {
    const exported = await run(succeed, 'vdi-export', `uuid=${uuid}`, 'filename=/disk', 'format=vhd', 'base=other');
    const imported = await run(succeed, 'vdi-import', `uuid=${uuid}`, 'filename=/disk', 'base=other');
    expect([exported, imported]).toEqual([
      { out: '', err: '', failure: undefined },
      { out: '', err: '', failure: undefined },
    ]);
    expect(requests.map(({ url }) => url.pathname)).toEqual(['/export_raw_vdi', '/import_raw_vdi']);
    expect(query(0)).toEqual({ ...aTask, vdi: uuid, format: 'vhd', base: 'other' });
    expect(query(1)).toEqual({ ...aTask, vdi: uuid });
  });

  it('show a bar when that is asked for, and nothing but the error when they fail', async () => {
    const serve = async (task: Ref<'task'>) => {
      fixture.api.db.set('task', task, { progress: 0.5 });
      await new Promise((resolve) => setTimeout(resolve, 20));
      succeed(task);
    };
    const { err, failure } = await run(serve, 'vdi-import', `uuid=${uuid}`, 'filename=/disk', 'progress=true');
    expect(failure).toBeUndefined();
    expect(err).toMatch(/^\r\[-\] #{26}> +\( 50% ETA [\d:]{8}\) \r\[\\\] #{54}> \(100% ETA 00:00:00\) \nTotal time: \d+ms\n$/);
    const fail = (task: Ref<'task'>) => fixture.api.tasks.fail(task, new ApiError('VDI_IO_ERROR', 'x'));
    const failed = await run(fail, 'vdi-export', `uuid=${uuid}`, 'filename=/disk', '--progress');
    expect(failed).toMatchObject({ out: '', err: '', failure: { code: 'VDI_IO_ERROR' } });
  });
});
