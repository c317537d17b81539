import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Host } from '../../host/host.js';
import type { Initiator, SrPaths, StoragePaths } from '../../host/storage-network.js';
import type { Ref } from '../../model/ref.js';
import { type PoolFixture, poolFixture } from '../testing/pool-fixture.js';
import { followInitiator } from './follow-initiator.js';
import { followPaths } from './follow-paths.js';
import { PathAlerts } from './path-alerts.js';

const ID = '36001405a';

let f: PoolFixture;
let sr: string;
let pbd: Ref<'PBD'>;
let now: SrPaths | undefined;
const listeners = new Set<(sr: string) => void>();
const paths: StoragePaths = {
  of: (uuid) => (uuid === sr ? now : undefined),
  onChange: (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
/** The host of the pool with something more that its storage knows of. */
const hostWith = (more: { readonly paths?: StoragePaths; readonly initiator?: Initiator }): Host => {
  const host = f.api.hosts.get(f.pool.master);
  return { ...host, facts: host.facts, storage: Object.assign(Object.create(host.storage), more) };
};
const become = (active: number, total: number): void => {
  now = { units: [{ scsiId: ID, active, total }], iscsiSessions: 2, addresses: ['10.0.0.1:3260', '10.0.1.1:3260'] };
  for (const listener of listeners) listener(sr);
};
const told = () => f.db.get('PBD', pbd).other_config.get(`mpath-${ID}`);
const messages = () =>
  [...f.db.all('message')]
    .map(([, { name, cls, body }]) => ({ name, cls, lines: body.split('\n') }))
    .filter(({ name }) => name === 'MULTIPATH_PERIODIC_ALERT');

beforeEach(async () => {
  f = await poolFixture();
  const [first] = f.db.get('host', f.pool.master).PBDs;
  if (first === undefined) throw new Error('the host has no SR');
  pbd = first;
  sr = f.db.get('SR', f.db.get('PBD', pbd).SR).uuid;
  now = undefined;
  listeners.clear();
});
afterEach(async () => {
  await f.close();
});

it('keeps in PBDs how many paths there are', () => {
  f.db.set('PBD', pbd, { other_config: new Map([['mpath-old', '[1, 2]']]) });
  const stop = followPaths(f.api, f.pool.master, hostWith({ paths }), new PathAlerts(f.api));
  expect([...f.db.get('PBD', pbd).other_config]).toEqual([]);
  become(2, 2);
  expect(Object.fromEntries(f.db.get('PBD', pbd).other_config)).toEqual({
    multipathed: 'true',
    [`mpath-${ID}`]: '[2, 2]',
    iscsi_sessions: '2',
  });
  expect(f.db.get('PBD', pbd).device_config.get('multihomelist')).toBe('10.0.0.1:3260,10.0.1.1:3260');
  const generation = f.db.generation;
  become(2, 2);
  expect(f.db.generation).toBe(generation);
  become(0, 0);
  expect(told()).toBe('[0, 2]');
  now = undefined;
  for (const listener of listeners) listener(sr);
  expect(told()).toBeUndefined();
  stop();
  become(2, 2);
  expect(told()).toBeUndefined();
});

it('tells of lost paths in words that clients read, and of many events at once', () => {
  vi.useFakeTimers();
  const alerts = new PathAlerts(f.api);
  const stop = followPaths(f.api, f.pool.master, hostWith({ paths }), alerts);
  f.db.set('host', f.pool.master, { name_label: 'one\ntwo' });
  become(2, 2);
  vi.advanceTimersByTime(300_000);
  expect(messages()).toEqual([]);

  become(1, 2);
  vi.advanceTimersByTime(2500);
  const host = f.db.get('host', f.pool.master);
  const line = (current: number) => {
    const who = `host=${host.uuid}; host-name="one two"; pbd=${f.db.get('PBD', pbd).uuid}; scsi_id=${ID}`;
    return expect.stringMatching(
      new RegExp(`^\\[\\d{8}T\\d\\d:\\d\\d:\\d\\dZ\\] ${who.replace(/["]/g, '"')}; current=${current}; max=2$`),
    );
  };
  const during = 'Events received during the last 120 seconds:';
  expect(messages()).toEqual([
    { name: 'MULTIPATH_PERIODIC_ALERT', cls: 'Pool', lines: ['Unhealthy paths:', line(1), during, line(1), ''] },
  ]);

  // A path that comes and goes is one message more, after two minutes.
  for (const active of [2, 1, 2]) become(active, 2);
  vi.advanceTimersByTime(60_000);
  expect(messages()).toHaveLength(1);
  vi.advanceTimersByTime(60_000);
  expect(messages()[1]?.lines).toEqual([during, line(2), line(1), line(2), '']);

  become(1, 2);
  alerts.stop();
  vi.advanceTimersByTime(300_000);
  expect(messages()).toHaveLength(2);
  stop();
  vi.useRealTimers();
});

it('keeps the iSCSI name of host and record in step', async () => {
  const given: string[] = [];
  let name = 'iqn.2020-01.example:file';
  const initiator: Initiator = {
    name: async () => name,
    rename: async (next) => {
      given.push(next);
      name = next;
    },
  };
  const stop = await followInitiator(f.api, f.pool.master, hostWith({ initiator }));
  const record = () => f.db.get('host', f.pool.master);
  expect(record().iscsi_iqn).toBe('iqn.2020-01.example:file');
  expect(record().other_config.get('iscsi_iqn')).toBe('iqn.2020-01.example:file');
  expect(given).toEqual([]);
  f.db.set('host', f.pool.master, { iscsi_iqn: 'iqn.2020-01.example:set' });
  f.db.set('host', f.pool.master, { name_label: 'other' });
  expect(given).toEqual(['iqn.2020-01.example:set']);
  stop();

  // A host that has no name gets the one that is known.
  name = '';
  const again = await followInitiator(f.api, f.pool.master, hostWith({ initiator }));
  expect(given).toEqual(['iqn.2020-01.example:set', 'iqn.2020-01.example:set']);
  again();
});
