import { expect, it } from 'vitest';
import { pathCounts, withAddresses, withPathCounts } from './path-counts.js';

const config = (values: Readonly<Record<string, string>>) => new Map(Object.entries(values));
const paths = (active: number, total: number) => ({
  units: [{ scsiId: '36001', active, total }],
  iscsiSessions: 2,
  addresses: [],
});

it('tells of paths as clients read it, and remembers how many there were', () => {
  const both = withPathCounts(config({ mine: '1' }), paths(2, 2));
  expect([...both]).toEqual([
    ['mine', '1'],
    ['multipathed', 'true'],
    ['mpath-36001', '[2, 2]'],
    ['iscsi_sessions', '2'],
  ]);
  expect(withPathCounts(both, paths(2, 2))).toBe(both);
  expect(withPathCounts(both, paths(1, 1)).get('mpath-36001')).toBe('[1, 2]');
  expect(withPathCounts(both, { units: [], iscsiSessions: 1, addresses: [] }).get('multipathed')).toBeUndefined();
  expect([...withPathCounts(both, undefined)]).toEqual([['mine', '1']]);
});

it('reads what clients and others have written there', () => {
  const counts = pathCounts(config({ 'mpath-1': '[1, 2]', 'mpath-2': '[1,4]', 'mpath-3': 'nonsense', other: '[1, 2]' }));
  expect(counts).toEqual([
    { scsiId: '1', current: 1, max: 2 },
    { scsiId: '2', current: 1, max: 4 },
  ]);
});

it('remembers every address of a target', () => {
  const known = config({ target: '10.0.0.1', multihomelist: '10.0.0.9:3260' });
  const both = withAddresses(known, { ...paths(2, 2), addresses: ['10.0.0.1:3260', '10.0.0.9:3260'] });
  expect(both.get('multihomelist')).toBe('10.0.0.9:3260,10.0.0.1:3260');
  expect(withAddresses(both, { ...paths(2, 2), addresses: ['10.0.0.1:3260'] })).toBe(both);
  expect(withAddresses(known, undefined)).toBe(known);
});
