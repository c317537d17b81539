import { expect, it, vi } from 'vitest';
import { FakeTools } from '../testing/fake-tools.js';
import { parseMaps } from './maps.js';
import { Multipath } from './multipath.js';
import { PathWatch } from './path-watch.js';

/** What multipathd tells of one map whose paths are in these states. */
const mapsText = (...paths: readonly (readonly [dm: string, checker: string])[]): string =>
  JSON.stringify({
    major_version: 0,
    maps: [
      {
        name: 'mpatha',
        uuid: '36001',
        path_groups: paths.map(([dm_st, chk_st]) => ({ paths: [{ dev: 'sdb', dm_st, chk_st }] })),
      },
    ],
  });
const [UP, DOWN] = [
  ['active', 'ready'],
  ['failed', 'faulty'],
] as const;

it('counts the paths over which data goes', () => {
  expect(parseMaps(mapsText(UP, DOWN, ['active', 'shaky'], ['active', 'ghost']))).toEqual(
    new Map([['36001', { name: 'mpatha', total: 4, active: 2 }]]),
  );
  expect(() => parseMaps('timeout\n')).toThrow('multipathd answers timeout');
  expect(() => parseMaps('{"maps":[{}]}')).toThrow();
});

/** What an SR uses that uses nothing. */
const USED = { iqns: [], scsiIds: [], addresses: [], mend: async () => undefined };

it('asks once for all, as long as something has several ways', async () => {
  vi.useFakeTimers();
  const tools = new FakeTools();
  const multipath = new Multipath(tools);
  const warnings: string[] = [];
  const sources = { maps: () => multipath.maps(), sessions: async () => [] };
  const watch = new PathWatch(sources, (_, message) => void warnings.push(message), 1000);
  const changes: string[] = [];
  watch.onChange((sr) => changes.push(sr));
  tools.answers.set('multipathd', () => mapsText(UP, UP));
  await watch.follow('alone', { ...USED, iqns: ['iqn.2020-01.example:a'] });
  expect(watch.of('alone')).toEqual({ units: [], iscsiSessions: 0, addresses: [] });
  await vi.advanceTimersByTimeAsync(5000);
  expect(tools.calls).toEqual([]);

  await watch.follow('one', { ...USED, scsiIds: ['36001'] });
  await watch.follow('two', { ...USED, scsiIds: ['36001', '36002'] });
  expect(watch.of('one')).toEqual({ units: [{ scsiId: '36001', active: 2, total: 2 }], iscsiSessions: undefined, addresses: [] });
  expect(watch.of('two')?.units[1]).toEqual({ scsiId: '36002', active: 0, total: 0 });
  expect(changes).toEqual(['alone', 'one', 'two']);
  tools.calls.length = 0;
  tools.answers.set('multipathd', () => mapsText(UP, DOWN));
  await vi.advanceTimersByTimeAsync(1000);
  expect(watch.of('one')?.units).toEqual([{ scsiId: '36001', active: 1, total: 2 }]);
  expect(changes).toEqual(['alone', 'one', 'two', 'one', 'two']);
  await vi.advanceTimersByTimeAsync(2000);
  expect(tools.calls).toEqual(Array.from({ length: 3 }, () => 'multipathd show maps json'));
  expect(changes).toHaveLength(5);

  // A multipathd that is away tells nothing new, and is complained of once.
  tools.answers.set('multipathd', () => ({ complaint: 'cannot connect' }));
  await vi.advanceTimersByTimeAsync(3000);
  expect(warnings).toHaveLength(1);
  expect(watch.of('one')?.units).toEqual([{ scsiId: '36001', active: 1, total: 2 }]);

  for (const sr of ['one', 'two', 'alone']) watch.forget(sr);
  expect(changes.slice(5)).toEqual(['one', 'two', 'alone']);
  tools.calls.length = 0;
  await vi.advanceTimersByTimeAsync(5000);
  expect(tools.calls).toEqual([]);
  expect(watch.of('one')).toBeUndefined();
  vi.useRealTimers();
});

it('tries now and then to take ways that were not there at first', async () => {
  vi.useFakeTimers();
  const iqn = 'iqn.2020-01.example:a';
  let sessions = [{ iqn, address: '10.0.0.1', port: '3260', host: 1 }];
  const warn = (): void => undefined;
  const watch = new PathWatch({ maps: async () => new Map(), sessions: async () => sessions }, warn, 1000, 10_000);
  let tried = 0;
  const mend = async (): Promise<void> => {
    tried += 1;
  };
  await watch.follow('sr', { ...USED, iqns: [iqn], addresses: ['10.0.0.1:3260', '10.0.1.1:3260'], mend });
  await vi.advanceTimersByTimeAsync(9000);
  expect(tried).toBe(0);
  await vi.advanceTimersByTimeAsync(21_500);
  expect(tried).toBe(3);
  sessions = [...sessions, { iqn, address: '10.0.1.1', port: '3260', host: 2 }];
  await vi.advanceTimersByTimeAsync(60_000);
  expect(tried).toBe(3);
  expect(watch.of('sr')?.iscsiSessions).toBe(2);
  watch.forget('sr');
  vi.useRealTimers();
});

it('says what to install and to start', async () => {
  const tools = new FakeTools();
  const multipath = new Multipath(tools);
  tools.answers.set('multipathd', () => ({ complaint: 'Connection refused' }));
  const refused = (text: string) => ({ code: 'SR_BACKEND_FAILURE_430', params: ['', expect.stringContaining(text), ''] });
  await expect(multipath.need()).rejects.toMatchObject(refused('start multipathd'));
  tools.missing.add('multipath');
  await expect(multipath.need()).rejects.toMatchObject(refused('install the package multipath-tools'));
});

it('removes a map that udev still looks at, and gives up on one that is used', async () => {
  const tools = new FakeTools();
  const multipath = new Multipath(tools, 1);
  let busy = 3;
  tools.answers.set('multipath', ([option]) => {
    if (option !== '-f' || busy === 0) return '';
    busy -= 1;
    return { complaint: 'map in use' };
  });
  const unit = { ...UNIT, path: '/dev/mapper/mpatha' };
  await multipath.drop([unit, { ...UNIT, path: '/dev/sdz' }]);
  expect(tools.calls).toEqual([...Array.from({ length: 4 }, () => 'multipath -f mpatha'), 'multipath -w 36001']);
  busy = Infinity;
  await expect(multipath.drop([unit])).rejects.toMatchObject({ code: 'SR_BACKEND_FAILURE_431' });
});

it('waits for a map, its device and all of its paths', async () => {
  const multipath = new Multipath(new FakeTools(), 1);
  // Paths come one by one, then a map of the first of them, then its name.
  const looks = [
    { ...UNIT, path: '/dev/null', paths: ['sdb'], joined: 0 },
    { ...UNIT, path: '/dev/mapper/no-such-device' },
    { ...UNIT, path: '/dev/mapper/../null', joined: 1 },
    { ...UNIT, path: '/dev/mapper/../null' },
  ];
  const other = { ...UNIT, scsiId: '36009', path: '/dev/sdx', joined: 0 };
  let count = 0;
  const look = async () => [looks[Math.min(count++, looks.length - 1)] ?? other, other];
  const found = await multipath.gathered(look, ({ scsiId }) => scsiId === '36001');
  expect(found[0]).toMatchObject({ path: '/dev/mapper/../null', joined: 2 });
  expect(count).toBe(looks.length);
});

const UNIT = {
  ...{ scsiId: '36001', lun: 0, vendor: 'v', serial: 's', size: 512, isReadOnly: false },
  ...{ adapter: 'host3', channel: '0', id: '0', paths: ['sdb', 'sdc'], joined: 2 },
};
