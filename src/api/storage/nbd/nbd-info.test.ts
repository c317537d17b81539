import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Ref } from '../../../model/ref.js';
import { makeSelfSigned } from '../../certificates/self-signed.js';
import { type ApiFixture, apiFixture } from '../../testing/fixture.js';
import { securityAt } from './offered-addresses.js';

let dataDir: string;
let fixture: ApiFixture;
let vdi: Ref<'VDI'>;
let network: Ref<'network'>;
let pif: Ref<'PIF'>;
const own = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .find(({ internal, family }) => internal && family === 'IPv4')?.address;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'nbd-info-'));
  await mkdir(join(dataDir, 'tls'));
  const { cert } = await makeSelfSigned(['127.0.0.1']);
  await writeFile(join(dataDir, 'tls', 'cert.pem'), cert);
  fixture = await apiFixture();
  const { api, host } = fixture;
  Object.assign(api, { dataDir, diskServer: { bind: '127.0.0.1', port: 1234 } });
  const sr = api.db.create('SR', {});
  api.db.create('PBD', { SR: sr, host, currently_attached: true });
  vdi = api.db.create('VDI', { SR: sr, uuid: 'the-uuid' });
  network = api.db.create('network', { bridge: 'x' });
  pif = api.db.create('PIF', {
    host,
    network,
    currently_attached: true,
    IP: '192.0.2.7',
    IPv6: ['fe80::1/64', '2001:db8::7/64'],
  });
});
afterEach(() => rm(dataDir, { recursive: true }));

interface Info {
  readonly fields: Readonly<Record<string, unknown>>;
}
const info = async () => (await fixture.call<Info[]>('VDI.get_nbd_info', vdi)).map(({ fields }) => fields);

test('a disk is offered where a network has the purpose, by the session that asks', async () => {
  expect(await info()).toEqual([]);
  await fixture.call('network.add_purpose', network, 'nbd');
  const [entry, ...more] = await info();
  // The host's addresses are not of this machine: the server stands in for it.
  expect(more).toEqual([]);
  expect(entry).toMatchObject({ address: '127.0.0.1', port: 1234, exportname: `/the-uuid?session_id=${fixture.session.ref}` });
  expect(entry?.cert).toMatch(/^-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n$/);
  expect(entry?.subject).not.toBe('');
  await fixture.call('network.remove_purpose', network, 'nbd');
  expect(await info()).toEqual([]);
});

test('an address of this machine is offered only where the server listens', async () => {
  const { api } = fixture;
  await fixture.call('network.add_purpose', network, 'nbd');
  api.db.set('PIF', pif, { IP: own ?? '', IPv6: [] });
  expect(await info()).toMatchObject([{ address: own }]);
  expect(securityAt(api, own ?? '')).toBe('required');
  expect(securityAt(api, '192.0.2.99')).toBeUndefined();
  api.diskServer = { bind: '192.0.2.1', port: 1 };
  expect(await info()).toEqual([]);
  api.diskServer = { bind: '0.0.0.0', port: 1 };
  expect(await info()).toMatchObject([{ address: own, port: 1 }]);
  api.diskServer = undefined;
  expect(await info()).toEqual([]);
});

test('nothing is offered over cards that are not attached, or for disks that no host has', async () => {
  const { api } = fixture;
  await fixture.call('network.add_purpose', network, 'insecure_nbd');
  expect(securityAt(api, '127.0.0.1')).toBe('optional');
  expect(await info()).toHaveLength(1);
  api.db.set('PIF', pif, { currently_attached: false });
  expect(await info()).toEqual([]);
  expect(securityAt(api, '127.0.0.1')).toBeUndefined();
  api.db.set('PIF', pif, { currently_attached: true });
  for (const [pbd] of api.db.all('PBD')) api.db.set('PBD', pbd, { currently_attached: false });
  expect(await info()).toEqual([]);
});

test('what is left of a snapshot cannot be read', async () => {
  fixture.api.db.set('VDI', vdi, { type: 'cbt_metadata' });
  await expect(info()).rejects.toMatchObject({ code: 'VDI_INCOMPATIBLE_TYPE', params: [vdi, 'cbt_metadata'] });
});
