import { expect, it, onTestFinished } from 'vitest';
import { emulatedPool } from '../../../api/testing/emulated-pool.js';
import { CommandFailure } from '../../failure.js';
import { fixtureApi } from '../../testing/fixture-api.js';
import { runCommand } from '../../testing/run-command.js';
import { scriptedApi } from '../../testing/scripted-api.js';
import { pvsFamily } from './index.js';

function command(name: string) {
  const found = pvsFamily.find((one) => one.name === name);
  if (!found) throw new Error(`no command ${name}`);
  return found;
}

it('gives the selected host a cache of the size in bytes', async () => {
  const pool = await emulatedPool();
  onTestFinished(() => pool.close());
  const { api, host, sr } = pool;
  const client = fixtureApi(api);
  const site = (await runCommand(client, command('pvs-site-introduce'), 'name-label=site')).trimEnd();
  const words = [`sr-uuid=${client.uuid('SR', sr)}`, `pvs-site-uuid=${site}`, 'size=2GiB'];
  await expect(runCommand(client, command('pvs-cache-storage-create'), ...words, 'host=two')).rejects.toEqual(
    new CommandFailure('No matching hosts found'),
  );
  const made = (await runCommand(client, command('pvs-cache-storage-create'), ...words, 'host=one')).trimEnd();
  expect(client.record('PVS_cache_storage', client.byUuid('PVS_cache_storage', made)).fields).toMatchObject({
    host,
    SR: sr,
    site: client.byUuid('PVS_site', site),
    size: 2 * 2 ** 30,
  });
});

it('introduces servers by their addresses and ports', async () => {
  const { api, sent } = scriptedApi({ 'PVS_server.introduce': 'OpaqueRef:server' });
  const words = ['addresses=192.0.2.1,192.0.2.2', 'first-port=6910', 'pvs-site-uuid=s'];
  expect(await runCommand(api, command('pvs-server-introduce'), ...words, 'last-port=6930')).toBe('server\n');
  expect(sent).toEqual([['PVS_server.introduce', ['192.0.2.1', '192.0.2.2'], 6910, 6930, 'OpaqueRef:s']]);
  await expect(runCommand(api, command('pvs-server-introduce'), ...words, 'last-port=many')).rejects.toMatchObject({
    code: 'INTERNAL_ERROR',
  });
});
