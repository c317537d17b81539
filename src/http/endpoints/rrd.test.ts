import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ServedDocuments } from '../../api/measurements/served-documents.js';
import { type ApiFixture, apiFixture } from '../../api/testing/fixture.js';
import type { Metric, MetricOwner } from '../../host/metrics.js';
import { startTestServer, type TestServer } from '../test-support.js';
import { rrdEndpoints } from './rrd.js';

const STEP = 5;
const NOW = 17_280 * 5 * 20_000 + 150 * STEP;

let f: ApiFixture;
let server: TestServer;
let hosts: Record<'one' | 'two', MetricOwner>;
let vms: Record<'here' | 'there' | 'halted' | 'never', MetricOwner>;
let sr: MetricOwner;

function measure(owner: MetricOwner, values: Readonly<Record<string, number>>): { owner: MetricOwner; metrics: Metric[] } {
  const common = { owner, description: 'd', units: 'u', minimum: 0, maximum: Number.POSITIVE_INFINITY };
  return { owner, metrics: Object.entries(values).map(([name, value]) => ({ ...common, name, value })) };
}

beforeAll(async () => {
  f = await apiFixture();
  const { db } = f.api;
  const two = db.create('host', { name_label: 'host two', address: '192.0.2.2' });
  hosts = {
    one: { kind: 'host', uuid: db.get('host', f.host).uuid },
    two: { kind: 'host', uuid: db.get('host', two).uuid },
  };
  const vm = (resident_on?: typeof f.host) =>
    ({ kind: 'vm', uuid: db.get('VM', db.create('VM', resident_on ? { resident_on } : {})).uuid }) as const;
  vms = { here: vm(f.host), there: vm(two), halted: vm(), never: vm() };
  sr = { kind: 'sr', uuid: db.get('SR', db.create('SR', {})).uuid };
  for (let i = 0; i <= 150; i++)
    await f.api.measurements.take((NOW - (150 - i) * STEP) * 1000, [
      ...Object.values(hosts).map((owner) => measure(owner, { cpu0: 0.5, memory_total_kib: 1000 })),
      ...[vms.here, vms.there, vms.halted].map((owner) => measure(owner, { cpu0: i / 1000 })),
      measure(sr, { size: 7 }),
    ]);
  server = await startTestServer({ endpoints: rrdEndpoints(new ServedDocuments(f.api)) });
});
afterAll(() => server.stop());

interface Xport {
  readonly meta: Readonly<Record<'start' | 'step' | 'end' | 'rows' | 'columns', string>> & { readonly legend: readonly string[] };
  readonly data: readonly { readonly t: string; readonly values: readonly string[] }[];
}

/** Asks over HTTP/1.0, so that the end of the connection is the end of the document. */
async function ask(target: string, headers = '', session = 'OpaqueRef:admin'): Promise<{ head: string; body: string }> {
  const separator = target.includes('?') ? '&' : '?';
  const text = `GET ${target}${separator}session_id=${session} HTTP/1.0\r\n${headers}\r\n`;
  const bytes = await server.client().send(text).end();
  const [head = '', ...rest] = bytes.toString('utf8').split('\r\n\r\n');
  return { head, body: rest.join('\r\n\r\n') };
}

const status = async (target: string) => (await ask(target)).head.split(' ')[1];
const recent = async (query: string, headers = ''): Promise<Xport> =>
  JSON.parse((await ask(`/rrd_updates?json=true&${query}`, headers)).body);
const uuids = ({ meta }: Xport) => [...new Set(meta.legend.map((entry) => entry.split(':')[2]))];

describe('GET /rrd_updates', () => {
  it('gives the rows since a time, newest first, of the host and the VMs there', async () => {
    const { meta, data } = await recent(`start=${NOW - 12}&interval=5&cf=AVERAGE&host=true`);
    expect(meta).toMatchObject({ start: String(NOW - 15), end: String(NOW), step: '5', rows: '4', columns: '3' });
    expect(meta.legend).toEqual([
      `AVERAGE:host:${hosts.one.uuid}:cpu0`,
      `AVERAGE:host:${hosts.one.uuid}:memory_total_kib`,
      `AVERAGE:vm:${vms.here.uuid}:cpu0`,
    ]);
    expect(data.map(({ t }) => Number(t))).toEqual([NOW, NOW - 5, NOW - 10, NOW - 15]);
    expect(data[0]?.values.map(Number)[2]).toBeCloseTo(0.15);
  });

  it.each([5, 60, 3600, 86_400])('has the step that is asked for: %s', async (interval) => {
    expect((await recent(`start=1&interval=${interval}&cf=AVERAGE&host=true`)).meta.step).toBe(String(interval));
  });

  it('gives those VMs and SRs that are named, wherever they are', async () => {
    expect(uuids(await recent(`start=-10&vm_uuid=${vms.there.uuid}&vm_uuid=${vms.halted.uuid}`))).toEqual([
      vms.there.uuid,
      vms.halted.uuid,
    ]);
    expect(uuids(await recent(`start=-10&vm_uuid=&host=true`))).toEqual([hosts.one.uuid]);
    expect(uuids(await recent(`start=-10&vm_uuid=&sr_uuid=${sr.uuid}`))).toEqual([sr.uuid]);
  });

  it('is of the host whose address was asked', async () => {
    expect(uuids(await recent('start=-10&host=true', 'Host: 192.0.2.2:8443\r\n'))).toEqual([hosts.two.uuid, vms.there.uuid]);
    expect(uuids(await recent('start=-10&host=true', 'Host: elsewhere\r\n'))).toEqual([hosts.one.uuid, vms.here.uuid]);
  });

  it('is XML unless JSON is asked for; the Accept header comes first', async () => {
    const begin = async (query: string, headers?: string) => {
      const { head, body } = await ask(`/rrd_updates?start=-10&host=true${query}`, headers);
      return [/^content-type: (\S+)/im.exec(head)?.[1], body.slice(0, 7)];
    };
    const [xml, json] = [
      ['text/xml', '<xport>'],
      ['application/json', '{"meta"'],
    ];
    expect(await begin('')).toEqual(xml);
    expect(await begin('&json=false')).toEqual(json);
    expect(await begin('&json=true', 'Accept: */*\r\n')).toEqual(json);
    expect(await begin('&json=true', 'Accept: text/xml\r\n')).toEqual(xml);
    expect(await begin('', 'Accept: application/json\r\n')).toEqual(json);
  });

  it.each([
    ['', '400'],
    ['start=abc', '400'],
    ['start=1&interval=often', '400'],
    ['start=1&cf=MEDIAN', '400'],
    [`start=1&vm_uuid=none`, '503'],
  ])('refuses %s with %s', async (query, code) => {
    expect(await status(`/rrd_updates?${query}`)).toBe(code);
  });
});

describe('everything that is kept', () => {
  it.each([
    ['/vm_rrd', () => `?uuid=${vms.here.uuid}`],
    ['/vm_rrds', () => `?uuid=${vms.halted.uuid}`],
    ['/host_rrd', () => ''],
    ['/host_rrds', () => '?x=1'],
    ['/sr_rrd', () => `?uuid=${sr.uuid}`],
  ])('is at %s', async (path, query) => {
    const { head, body } = await ask(path + query());
    expect(head).toMatch(/^HTTP\/1\.0 200 /);
    expect(body).toMatch(new RegExp(`^<rrd><version>0003</version><step>5</step><lastupdate>${NOW}</lastupdate><ds><name>`));
    expect(body).toMatch(/<\/rrd>$/);
    const rows = body
      .split('<database>')
      .slice(1)
      .map((part) => part.split('<row>').length - 1);
    expect(rows.slice(0, 4)).toEqual([120, 120, 168, 366]);
    expect(body).not.toMatch(/>\s+</);
  });

  it('may be JSON, and of another host', async () => {
    const { body } = await ask(`/host_rrd?json&uuid=${hosts.two.uuid}`);
    expect(JSON.parse(body)).toMatchObject({ step: '5', ds: [{ name: 'cpu0' }, { name: 'memory_total_kib' }] });
  });

  it('is refused without a uuid, and not found where nothing was measured', async () => {
    expect(
      await Promise.all(['/vm_rrd', '/sr_rrd?uuid=', `/vm_rrd?uuid=${vms.never.uuid}`, '/vm_rrd?uuid=..%2F..'].map(status)),
    ).toEqual(['400', '400', '404', '404']);
  });
});

describe('a request for measurements', () => {
  it('drives the task that it names, and no other', async () => {
    server.tasks.log.splice(0);
    await ask('/host_rrd');
    expect(server.tasks.log).toEqual([]);
    await ask('/rrd_updates?start=-10&host=true&task_id=OpaqueRef:task');
    await ask('/vm_rrd?uuid=none&task_id=OpaqueRef:other');
    expect(server.tasks.log).toEqual([
      'begin OpaqueRef:task OpaqueRef:admin',
      'success OpaqueRef:task',
      'failNamed OpaqueRef:other INTERNAL_ERROR',
    ]);
  });

  it.each(['/rrd_updates?start=1', '/vm_rrd', '/vm_rrds', '/host_rrd', '/host_rrds', '/sr_rrd'])(
    'to %s needs a session whose roles permit it',
    async (path) => {
      expect((await ask(path, '', 'OpaqueRef:reader')).head).toContain(' 403 ');
      expect((await ask(path, '', 'OpaqueRef:dead')).head).toContain(' 401 ');
    },
  );

  it('that would put archives in place is refused', async () => {
    const text = 'PUT /rrd?session_id=OpaqueRef:admin HTTP/1.0\r\nContent-Length: 0\r\n\r\n';
    expect((await server.client().send(text).end()).toString()).toMatch(/^HTTP\/1\.0 501 /);
  });
});
