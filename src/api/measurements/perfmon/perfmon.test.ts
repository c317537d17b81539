import { DOMParser } from '@xmldom/xmldom';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Metric, MetricOwner } from '../../../host/metrics.js';
import type { Ref } from '../../../model/ref.js';
import { type ApiFixture, apiFixture } from '../../testing/fixture.js';
import { PerformanceAlarms } from './alarms.js';
import { PerfmonError, parsePerfmon } from './config.js';
import { VariableValue } from './value.js';

/** A configuration as clients write it: an element with a value attribute for each thing. */
function config(...variables: Readonly<Record<string, string | number>>[]): string {
  const texts = variables.map((variable) => {
    const values = Object.entries(variable).map(([name, value]) => `<${name} value="${value}"/>`);
    return `<variable>${values.join('\n  ')}</variable>`;
  });
  return `<?xml version="1.0"?>\n<config>${texts.join('\n')}</config>`;
}

function measure(owner: MetricOwner, values: Readonly<Record<string, number>>): Metric[] {
  const common = { owner, description: 'd', units: 'u', minimum: 0, maximum: Number.POSITIVE_INFINITY };
  return Object.entries(values).map(([name, value]) => ({ ...common, name, value }));
}

function valueIn(text: string, values: Readonly<Record<string, number>>): number {
  const [variable] = parsePerfmon(text);
  if (!variable) throw new Error('no variable');
  return new VariableValue(variable).of(measure({ kind: 'vm', uuid: 'v' }, values));
}

describe('a configuration', () => {
  it('has the usual answers to what it does not say', () => {
    const [variable] = parsePerfmon(config({ name: 'cpu_usage', alarm_trigger_level: 0.9 }));
    expect(variable).toMatchObject({ level: 0.9, sense: 'high', period: 60, inhibit: 3600, priority: 1, combination: 'average' });
    const [low] = parsePerfmon(config({ name: 'memory_free_kib', alarm_trigger_level: 1 }));
    expect(low).toMatchObject({ sense: 'low', combination: 'sum' });
  });

  it.each([
    ['no XML at all', 'hello'],
    ['cut off', '<config><variable>'],
    ['something else', '<konfig/>'],
    ['a document type', '<!DOCTYPE config [<!ENTITY a "b">]><config/>'],
    ['a variable without a name', config({ alarm_trigger_level: 1 })],
    ['no level', config({ name: 'cpu_usage' })],
    ['a level that is no number', config({ name: 'cpu_usage', alarm_trigger_level: 'high' })],
    ['another sense', config({ name: 'cpu_usage', alarm_trigger_level: 1, alarm_trigger_sense: 'up' })],
    ['a function that does not exist', config({ name: 'cpu_usage', alarm_trigger_level: 1, consolidation_fn: 'median' })],
    ['no expression', config({ name: 'a', alarm_trigger_level: 1, rrd_regex: 'a[' })],
    ['an expression that could match for ever', config({ name: 'a', alarm_trigger_level: 1, rrd_regex: '(a+)+b' })],
    ['far too much', config(...Array.from({ length: 101 }, () => ({ name: 'cpu_usage', alarm_trigger_level: 1 })))],
    ['far too long', `<config>${' '.repeat(70_000)}</config>`],
  ])('is refused when it is %s', (_what, text) => {
    expect(() => parsePerfmon(text)).toThrow(PerfmonError);
  });

  it('combines what belongs to a variable', () => {
    const cpus = { cpu0: 0.2, cpu1: 0.6, cpu_usage: 0.9, memory: 5 };
    expect(valueIn(config({ name: 'cpu_usage', alarm_trigger_level: 1 }), cpus)).toBeCloseTo(0.4);
    expect(valueIn(config({ name: 'memory', alarm_trigger_level: 1 }), cpus)).toBe(5);
    expect(valueIn(config({ name: 'x', alarm_trigger_level: 1, rrd_regex: 'cpu[0-9]+' }), cpus)).toBeCloseTo(0.8);
    expect(valueIn(config({ name: 'x', alarm_trigger_level: 1 }), cpus)).toBeNaN();
    const devices = {
      vif_0_rx: 1,
      vif_1_tx: 2,
      vif_0_rx_errors: 64,
      vbd_xvda_read: 4,
      vbd_xvdb_write: 8,
      vbd_xvda_read_latency: 64,
    };
    expect(valueIn(config({ name: 'network_usage', alarm_trigger_level: 1 }), devices)).toBe(3);
    expect(valueIn(config({ name: 'disk_usage', alarm_trigger_level: 1 }), devices)).toBe(12);
    const sr = { size: 200, physical_utilisation: 50 };
    expect(valueIn(config({ name: 'physical_utilisation', alarm_trigger_level: 1 }), sr)).toBe(0.25);
  });
});

describe('an alarm', () => {
  let f: ApiFixture;
  let vm: Ref<'VM'>;
  let owner: MetricOwner;
  let alarms: PerformanceAlarms;

  beforeEach(async () => {
    f = await apiFixture();
    vm = f.api.db.create('VM', { name_label: 'a' });
    owner = { kind: 'vm', uuid: f.api.db.get('VM', vm).uuid };
    alarms = new PerformanceAlarms(f.api);
  });
  afterEach(() => vi.restoreAllMocks());

  const watch = (text: string) => f.api.db.set('VM', vm, { other_config: new Map([['perfmon', text]]) });
  const messages = () => f.api.db.filter('message', () => true).map(([, fields]) => fields);
  /** Measures from one second to another, every five seconds. */
  const run = (from: number, to: number, cpu0: number) => {
    for (let second = from; second <= to; second += 5)
      alarms.look(second * 1000, f.host, [{ owner, metrics: measure(owner, { cpu0 }) }]);
  };

  it('comes when a level has been passed for its period, and not again before its silence is over', () => {
    watch(config({ name: 'cpu_usage', alarm_trigger_level: 0.5, alarm_trigger_period: 30, alarm_auto_inhibit_period: 300 }));
    run(0, 25, 0.9);
    run(30, 30, 0.5);
    run(35, 60, 0.9);
    expect(messages()).toEqual([]);
    run(65, 300, 0.9);
    expect(messages()).toHaveLength(1);
    run(305, 400, 0.9);
    expect(messages()).toHaveLength(2);
  });

  it('says what clients look for', () => {
    watch(config({ name: 'cpu_usage', alarm_trigger_level: 0.5, alarm_trigger_period: 0, alarm_priority: 4, note: '&lt;&amp;' }));
    run(0, 0, 0.75);
    const [message] = messages();
    expect(message).toMatchObject({ name: 'ALARM', cls: 'VM', obj_uuid: owner.uuid, priority: 4 });
    const [value, title, ...rest] = message?.body.split('\n') ?? [];
    expect([value, title]).toEqual(['value: 0.750000', 'config:']);
    const variable = new DOMParser().parseFromString(rest.join('\n'), 'text/xml').documentElement;
    const given = (name: string) => variable?.getElementsByTagName(name)[0]?.getAttribute('value');
    expect(variable?.tagName).toBe('variable');
    expect(['name', 'alarm_trigger_level', 'alarm_trigger_period', 'note'].map(given)).toEqual(['cpu_usage', '0.5', '0', '<&']);
  });

  it('comes for a value that is too low where that is meant, and not for one that is unknown', () => {
    watch(config({ name: 'cpu_usage', alarm_trigger_level: 0.5, alarm_trigger_sense: 'low', alarm_trigger_period: 0 }));
    run(0, 60, Number.NaN);
    run(65, 90, 0.7);
    expect(messages()).toEqual([]);
    run(95, 95, 0.2);
    expect(messages()).toHaveLength(1);
  });

  it('follows what is done to the configuration, and bad ones are told of once', () => {
    const warn = vi.spyOn(f.api.log, 'warn');
    watch('<config>');
    run(0, 100, 0.9);
    expect(warn).toHaveBeenCalledTimes(1);
    watch(config({ name: 'cpu_usage', alarm_trigger_level: 0.5, alarm_trigger_period: 10 }));
    run(105, 110, 0.9);
    f.api.db.set('VM', vm, { other_config: new Map() });
    run(115, 115, 0.9);
    watch(config({ name: 'cpu_usage', alarm_trigger_level: 0.5, alarm_trigger_period: 10 }));
    run(120, 125, 0.9);
    expect(messages()).toEqual([]);
    run(130, 130, 0.9);
    expect(messages()).toHaveLength(1);
  });

  it('of an SR counts what each host moves', () => {
    const sr = f.api.db.create('SR', { name_label: 's' });
    const { uuid } = f.api.db.get('SR', sr);
    const text = config({ name: 'sr_io_throughput_total_per_host', alarm_trigger_level: 5, alarm_trigger_period: 0 });
    f.api.db.set('SR', sr, { other_config: new Map([['perfmon', text]]) });
    const host: MetricOwner = { kind: 'host', uuid: f.api.db.get('host', f.host).uuid };
    const short = uuid.slice(0, 8);
    const values = { [`io_throughput_read_${short}`]: 3, [`io_throughput_write_${short}`]: 3, io_throughput_read_00000000: 9 };
    alarms.look(0, f.host, [
      { owner: host, metrics: measure(host, values) },
      { owner: { kind: 'sr', uuid }, metrics: measure({ kind: 'sr', uuid }, { size: 1 }) },
    ]);
    expect(messages()).toMatchObject([{ name: 'ALARM', cls: 'SR', obj_uuid: uuid }]);
    expect(messages()[0]?.body).toMatch(/^value: 6\.0/);
  });
});
