import { beforeEach, describe, expect, it } from 'vitest';
import { Dispatcher } from '../../api/dispatcher.js';
import { type ApiFixture, apiFixture } from '../../api/testing/fixture.js';
import type { Ref } from '../../model/ref.js';
import { ApiClient } from '../api/api-client.js';
import { startCommand } from '../testing/command-run.js';
import { eventCommands } from './event-wait.js';

let f: ApiFixture;
let network: Ref<'network'>;
let gone: AbortController;

beforeEach(async () => {
  f = await apiFixture();
  gone = new AbortController();
  network = f.api.db.create('network', { name_label: 'one', bridge: 'xapi1' });
});

function wait(...words: string[]) {
  const session = f.api.sessions.create({ userName: 'root', superuser: true, host: f.host });
  const api = new ApiClient(new Dispatcher(f.api), { local: false, address: 'test', signal: gone.signal }, session.ref);
  return startCommand(api, eventCommands, ['event-wait', ...words], { signal: gone.signal });
}

const waiting = () => expect.poll(() => f.api.waiters.count).toBe(1);

describe('event-wait', () => {
  it('ends at once where an object meets all conditions', async () => {
    const { done, client } = wait('class=network', 'name-label=one', 'bridge=/=xapi0');
    await done;
    expect(client.out).toBe('');
    expect(f.api.waiters.count).toBe(0);
  });

  it('waits until one object meets all of them', async () => {
    f.api.db.create('network', { name_label: 'other', bridge: 'xapi2' });
    const { done } = wait('class=network', 'name-label=/=one', 'bridge=xapi1');
    await waiting();
    f.api.db.set('network', network, { MTU: 9000 });
    await waiting();
    f.api.db.set('network', network, { name_label: 'two' });
    await done;
    expect(f.api.waiters.count).toBe(0);
  });

  it('sees objects that come while it waits', async () => {
    const { done } = wait('class=network', 'name-label=new');
    await waiting();
    f.api.db.create('network', { name_label: 'new', bridge: 'xapi3' });
    await done;
  });

  it('ends with its client, and leaves nothing behind', async () => {
    const { done } = wait('class=network', 'name-label=never');
    await waiting();
    gone.abort();
    await expect(done).rejects.toMatchObject({ exitCode: 1 });
    expect(f.api.waiters.count).toBe(0);
  });

  it('ends with the server', async () => {
    const { done } = wait('class=network', 'name-label=never');
    await waiting();
    f.api.waiters.close();
    await expect(done).rejects.toThrow('The server ends');
  });

  it('knows its classes and their fields', async () => {
    await expect(wait('class=nonsense').done).rejects.toThrow("Cli listening for class 'nonsense' not currently implemented");
    await expect(wait('class=network', 'bogus=1').done).rejects.toThrow("Unknown field 'bogus'");
    await wait('class=NETWORK', 'trace=true', 'name-label=one').done;
  });
});
