import { beforeEach, describe, expect, it } from 'vitest';
import { type ApiFixture, apiFixture } from '../../api/testing/fixture.js';
import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { Client } from '../client.js';
import type { CommandContext } from '../command.js';
import { ClientWordedError } from '../failure.js';
import { PlainPrinter } from '../printer.js';
import { fixtureApi } from '../testing/fixture-api.js';
import { RecordingClient } from '../testing/recording-client.js';
import { parametersOf } from '../testing/run-command.js';
import { runTask } from './run-task.js';
import { download, upload } from './transfer.js';

let fixture: ApiFixture;

beforeEach(async () => {
  fixture = await apiFixture();
});

const tasks = () => [...fixture.api.db.table('task').rows.keys()];

function contextOf(client: RecordingClient, ...words: string[]): CommandContext {
  return {
    api: fixtureApi(fixture.api),
    parameters: parametersOf(...words),
    printer: new PlainPrinter(client),
    client,
    command: { name: 'x', required: [], optional: [], description: '', run: () => undefined },
  };
}

/** A client whose user's program makes requests in a certain way. */
class TransferringClient extends RecordingClient {
  readonly urls: URL[] = [];
  readonly #request: (task: Ref<'task'>) => Promise<boolean>;
  override readonly signal: AbortSignal;

  constructor(request: (task: Ref<'task'>) => Promise<boolean>, signal = new AbortController().signal) {
    super();
    this.#request = request;
    this.signal = signal;
  }

  override httpGet: Client['httpGet'] = (_fileName, url) => {
    const parsed = new URL(url, 'http://server');
    this.urls.push(parsed);
    return this.#request((parsed.searchParams.get('task_id') ?? '') as Ref<'task'>);
  };

  override httpPut: Client['httpPut'] = (fileName, url) => this.httpGet(fileName, url);
}

describe('a task', () => {
  const start = () => Promise.resolve(fixture.api.tasks.create({ name: 'work', session: fixture.session, host: fixture.host }));

  it('gives its result and is gone', async () => {
    const client = new RecordingClient();
    const result = runTask(contextOf(client), async () => {
      const task = await start();
      setTimeout(() => fixture.api.tasks.succeed(task, '<value>x</value>'), 20);
      return task;
    });
    expect(await result).toBe('<value>x</value>');
    expect(tasks()).toEqual([]);
    expect(client.err).toBe('');
  });

  it('gives its error and is gone', async () => {
    const result = runTask(contextOf(new RecordingClient()), async () => {
      const task = await start();
      fixture.api.tasks.fail(task, new ApiError('VM_BAD_POWER_STATE', 'a', 'b', 'c'));
      return task;
    });
    await expect(result).rejects.toMatchObject({ code: 'VM_BAD_POWER_STATE', params: ['a', 'b', 'c'] });
    expect(tasks()).toEqual([]);
  });

  it('is waited for to the end by a server that ends, and gets its turns', async () => {
    const result = runTask(contextOf(new RecordingClient()), async () => {
      const task = await start();
      fixture.api.waiters.close();
      setTimeout(() => fixture.api.tasks.succeed(task, 'done'), 20);
      return task;
    });
    expect(await result).toBe('done');
  });

  it('that was cancelled says so', async () => {
    const result = runTask(contextOf(new RecordingClient()), async () => {
      const task = await start();
      fixture.api.tasks.fail(task, new ApiError('TASK_CANCELLED', task));
      return task;
    });
    await expect(result).rejects.toMatchObject({ code: 'TASK_CANCELLED' });
  });

  it('shows how far it is, on demand', async () => {
    const client = new RecordingClient();
    await runTask(contextOf(client, 'progress=1'), async () => {
      const task = await start();
      setTimeout(() => fixture.api.db.set('task', task, { progress: 0.5 }), 20);
      setTimeout(() => fixture.api.tasks.succeed(task, ''), 60);
      return task;
    });
    expect(client.err).toBe(`\r   0% | \n\r  50% / ${'#'.repeat(35)}\n\r 100% - ${'#'.repeat(70)}\n`);
  });

  it('of a client that has gone goes when its work has ended', async () => {
    const gone = new AbortController();
    const client = new TransferringClient(() => Promise.resolve(true), gone.signal);
    let task: Ref<'task'> | undefined;
    const result = runTask(contextOf(client), async () => {
      task = await start();
      fixture.api.tasks.begin(task);
      setTimeout(() => {
        gone.abort();
        // Stands for the connection, which ends the wait for events.
        if (task) fixture.api.db.set('task', task, { progress: 0.1 });
      }, 20);
      return task;
    });
    await expect(result).rejects.toThrow('the client has gone');
    expect(tasks()).toEqual([task]);
    if (task) fixture.api.tasks.succeed(task, '');
    expect(tasks()).toEqual([]);
  });
});

describe('a transfer', () => {
  const handled = (work: (task: Ref<'task'>) => void) => async (task: Ref<'task'>) => {
    fixture.api.tasks.begin(task).progress(0);
    work(task);
    return true;
  };

  it('gives the path, the session, the task and what is asked for', async () => {
    const client = new TransferringClient(handled((task) => fixture.api.tasks.succeed(task, 'done')));
    const context = contextOf(client);
    const query = { name: 'a b&c=ü' };
    expect(await download(context, { label: 'get it', fileName: 'f', path: '/export', query })).toBe('done');
    const [url] = client.urls;
    expect(url?.pathname).toBe('/export');
    expect(url?.search).toContain('name=a%20b%26c%3D%C3%BC');
    expect(url?.searchParams.get('session_id')).toBe(context.api.session);
    expect(tasks()).toEqual([]);
  });

  it('is for its own session and task, whatever is asked for', async () => {
    const client = new TransferringClient(handled((task) => fixture.api.tasks.succeed(task, '')));
    const context = contextOf(client);
    const query = { session_id: 'another', task_id: 'another', report: 'r' };
    await download(context, { label: 'x', fileName: 'f', path: '/wlb_report', query });
    const given = client.urls.map(({ searchParams }) => searchParams.getAll('session_id'));
    expect(given).toEqual([[context.api.session]]);
    expect(client.urls[0]?.searchParams.getAll('task_id')).toEqual([expect.stringMatching(/^OpaqueRef:/)]);
  });

  it('shows the share that is done', async () => {
    const shares: number[] = [];
    const client = new TransferringClient(
      handled((task) => {
        setTimeout(() => fixture.api.db.set('task', task, { progress: 0.25 }), 20);
        setTimeout(() => fixture.api.tasks.succeed(task, ''), 60);
      }),
    );
    await upload(contextOf(client), { label: 'x', fileName: 'f', path: '/import', onProgress: (share) => shares.push(share) });
    expect(shares).toEqual([0, 0.25, 1]);
  });

  it('fails with the reason of its task, whatever the client says', async () => {
    for (const said of [true, false]) {
      const client = new TransferringClient(async (task) => {
        fixture.api.tasks.fail(task, new ApiError('NOT_IMPLEMENTED', 'put_import'));
        return said;
      });
      const result = upload(contextOf(client), { label: 'x', fileName: 'f', path: '/import' });
      await expect(result).rejects.toMatchObject({ code: 'NOT_IMPLEMENTED', params: ['put_import'] });
    }
    expect(tasks()).toEqual([]);
  });

  it('that the client could not make is the error of a client, and nothing waits for it', async () => {
    const client = new TransferringClient(() => Promise.resolve(false));
    await expect(download(contextOf(client), { label: 'x', fileName: 'f', path: '/export' })).rejects.toThrow(ClientWordedError);
    expect(tasks()).toEqual([]);
  });

  it('whose client goes is cancelled', async () => {
    const handler: { signal?: AbortSignal } = {};
    const client = new TransferringClient(async (task) => {
      handler.signal = fixture.api.tasks.begin(task).signal;
      throw new Error('the connection has closed');
    });
    await expect(download(contextOf(client), { label: 'x', fileName: 'f', path: '/export' })).rejects.toThrow('closed');
    expect(handler.signal?.aborted).toBe(true);
    for (const task of tasks()) fixture.api.tasks.fail(task, new ApiError('TASK_CANCELLED', task));
    expect(tasks()).toEqual([]);
  });

  it('may use a task of the user, which stays', async () => {
    const task = fixture.api.tasks.create({ name: 'mine', session: fixture.session, host: fixture.host });
    const taskUuid = fixture.api.db.get('task', task).uuid;
    const client = new TransferringClient(handled((given) => fixture.api.tasks.succeed(given, 'done')));
    await download(contextOf(client), { label: 'x', fileName: 'f', path: '/export', taskUuid });
    expect(tasks()).toEqual([task]);
  });

  it('takes no task that has ended: its outcome would be taken for that of the transfer', async () => {
    const task = fixture.api.tasks.create({ name: 'mine', session: fixture.session, host: fixture.host });
    fixture.api.tasks.succeed(task, 'of something else');
    const taskUuid = fixture.api.db.get('task', task).uuid;
    const client = new TransferringClient(() => Promise.resolve(true));
    const result = download(contextOf(client), { label: 'x', fileName: 'f', path: '/export', taskUuid });
    await expect(result).rejects.toThrow('The task has ended already');
    expect(client.urls).toEqual([]);
  });
});
