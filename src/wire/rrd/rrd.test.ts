import { DOMParser, type Element } from '@xmldom/xmldom';
import { describe, expect, it } from 'vitest';
import type { RrdDocument, XportDocument } from './document.js';
import { measureText } from './number-text.js';
import { portions } from './portions.js';
import { rrdJson, rrdXml } from './rrd.js';
import { xportJson, xportXml } from './xport.js';

const xport: XportDocument = {
  start: 100,
  step: 5,
  end: 110,
  parts: [
    { entries: ['AVERAGE:host:h:cpu0'], at: (time) => time / 1000 },
    { entries: ['AVERAGE:vm:v:a<b&"c"', 'AVERAGE:vm:v:memory'], at: (time, column) => (column ? 2 ** 40 + time : Number.NaN) },
  ],
};

const rrd: RrdDocument = {
  step: 5,
  lastUpdate: 1234,
  heartbeat: 300,
  sources: [
    { name: 'cpu0', minimum: 0, maximum: 1, last: 0.5, value: 2, unknownSeconds: 0 },
    {
      name: 'a<b',
      minimum: Number.NEGATIVE_INFINITY,
      maximum: Number.POSITIVE_INFINITY,
      last: Number.NaN,
      value: 0,
      unknownSeconds: 4,
    },
  ],
  archives: [
    {
      consolidation: 'AVERAGE',
      steps: 12,
      rows: 3,
      unknownShare: 0.5,
      pending: (source) => ({ value: source + 0.5, unknown: source }),
      at: (row, source) => (source ? Number.NaN : row / 4),
    },
  ],
};

/** Elements below an element. Anything else between them fails the test: clients count children. */
function children(element: Element): Element[] {
  const found: Element[] = [];
  for (let node = element.firstChild; node; node = node.nextSibling) {
    if ('tagName' in node) found.push(node as Element);
    else if (found.length || node.nextSibling) throw new Error(`there is text between elements of ${element.tagName}`);
  }
  return found;
}

/** An element as an object of texts, arrays for what is there more than once. */
function plain(element: Element): unknown {
  const inner = children(element);
  if (!inner.length) return element.textContent ?? '';
  return inner.map((child) => [child.tagName, plain(child)]);
}

function parse(pieces: Iterable<string>): unknown {
  const root = new DOMParser().parseFromString([...pieces].join(''), 'text/xml').documentElement;
  if (!root) throw new Error('no root');
  return [root.tagName, plain(root)];
}

describe('recent rows', () => {
  it('are XML as clients parse it, newest first', () => {
    const row = (t: number) => [
      'row',
      [
        ['t', String(t)],
        ['v', String(t / 1000)],
        ['v', 'NaN'],
        ['v', String(2 ** 40 + t)],
      ],
    ];
    expect(parse(xportXml(xport))).toEqual([
      'xport',
      [
        [
          'meta',
          [
            ['start', '100'],
            ['step', '5'],
            ['end', '110'],
            ['rows', '3'],
            ['columns', '3'],
            [
              'legend',
              [
                ['entry', 'AVERAGE:host:h:cpu0'],
                ['entry', 'AVERAGE:vm:v:a<b&"c"'],
                ['entry', 'AVERAGE:vm:v:memory'],
              ],
            ],
          ],
        ],
        ['data', [row(110), row(105), row(100)]],
      ],
    ]);
  });

  it('are JSON of strings', () => {
    const row = (t: number) => ({ t: String(t), values: [String(t / 1000), 'NaN', String(2 ** 40 + t)] });
    expect(JSON.parse([...xportJson(xport)].join(''))).toEqual({
      meta: {
        start: '100',
        step: '5',
        end: '110',
        rows: '3',
        columns: '3',
        legend: ['AVERAGE:host:h:cpu0', 'AVERAGE:vm:v:a<b&"c"', 'AVERAGE:vm:v:memory'],
      },
      data: [row(110), row(105), row(100)],
    });
  });

  it('may be none, of nothing', () => {
    const none = { start: 115, step: 5, end: 110, parts: [] };
    const meta = { start: '115', step: '5', end: '110', rows: '0', columns: '0', legend: [] };
    expect(JSON.parse([...xportJson(none)].join(''))).toEqual({ meta, data: [] });
    expect([...xportXml(none)].join('')).toMatch(
      /<rows>0<\/rows><columns>0<\/columns><legend><\/legend><\/meta><data><\/data><\/xport>$/,
    );
    const empty = { ...xport, parts: [] };
    expect(JSON.parse([...xportJson(empty)].join('')).data).toEqual([110, 105, 100].map((t) => ({ t: String(t), values: [] })));
  });
});

describe('all rows', () => {
  const source = { type: 'GAUGE', minimal_heartbeat: '300' };
  const first = { name: 'cpu0', ...source, min: '0.0', max: '1', last_ds: '0.5', value: '2', unknown_sec: '0.0' };
  const second = { name: 'a<b', ...source, min: '-Infinity', max: 'Infinity', last_ds: 'NaN', value: '0.0', unknown_sec: '4' };
  const pending = [0, 1].map((i) => ({
    primary_value: '0.0',
    secondary_value: '0.0',
    value: String(i + 0.5),
    unknown_datapoints: String(i),
  }));

  it('are XML as clients parse it, oldest first', () => {
    const row = (value: string) => [
      'row',
      [
        ['v', value],
        ['v', 'NaN'],
      ],
    ];
    expect(parse(rrdXml(rrd))).toEqual([
      'rrd',
      [
        ['version', '0003'],
        ['step', '5'],
        ['lastupdate', '1234'],
        ['ds', Object.entries(first)],
        ['ds', Object.entries(second)],
        [
          'rra',
          [
            ['cf', 'AVERAGE'],
            ['pdp_per_row', '12'],
            ['params', [['xff', '0.5']]],
            ['cdp_prep', pending.map((members) => ['ds', Object.entries(members)])],
            ['database', [row('0.0'), row('0.25'), row('0.5')]],
          ],
        ],
      ],
    ]);
  });

  it('are JSON of strings', () => {
    expect(JSON.parse([...rrdJson(rrd)].join(''))).toEqual({
      version: '0003',
      step: '5',
      lastupdate: '1234',
      ds: [first, second],
      rra: [
        {
          cf: 'AVERAGE',
          pdp_per_row: '12',
          params: { xff: '0.5' },
          cdp_prep: { ds: pending },
          database: ['0.0', '0.25', '0.5'].map((value) => [value, 'NaN']),
        },
      ],
    });
  });
});

describe('a document', () => {
  it('comes in pieces of a bounded size', () => {
    const large = { ...xport, start: 0, end: 50_000 };
    const pieces = [...xportXml(large)];
    expect(pieces.length).toBeGreaterThan(10);
    for (const piece of pieces) expect(piece.length).toBeLessThan(33_000);
    expect([...portions(['ab', 'cd', 'e'], 3)]).toEqual(['abcd', 'e']);
  });
});

it.each([
  [0, '0.0'],
  [-0, '0.0'],
  [0.1, '0.1'],
  [5, '5'],
  [1 / 3, '0.333333333333333'],
  [1e-7, '1e-07'],
  [1e20, '1e+20'],
  [Number.NaN, 'NaN'],
  [Number.POSITIVE_INFINITY, 'Infinity'],
  [Number.NEGATIVE_INFINITY, '-Infinity'],
])('a measurement of %s is written as %s', (value, text) => {
  expect(measureText(value)).toBe(text);
});
