import { v4 } from 'uuid';
import { afterEach, expect, it } from 'vitest';
import { type PoolFixture, poolFixture, vmPlan } from '../testing/pool-fixture.js';
import { readBootRecord } from './boot-record.js';
import { deviceName } from './domain-records.js';

let f: PoolFixture | undefined;
afterEach(async () => {
  await f?.close();
  f = undefined;
});

it('keeps the settings of the start, whatever is set afterwards', async () => {
  f = await poolFixture({ vms: [vmPlan(v4(), { name: 'one', power: 'Running' })] });
  const vm = f.vm('one');
  const before = f.db.get('VM', vm);
  expect(before.last_booted_record).not.toBe('');
  f.db.set('VM', vm, { memory_static_max: 5, platform: new Map([['x', 'y']]) });
  const read = readBootRecord(f.db.get('VM', vm));
  expect(read.memory_static_max).toBe(before.memory_static_max);
  expect(read.platform).toEqual(before.platform);
});

it('takes what the VM has now where the text is none of ours', async () => {
  f = await poolFixture({ vms: [vmPlan(v4(), { name: 'one' })] });
  const fields = f.db.get('VM', f.vm('one'));
  for (const text of ['', '(struct)', '{"memory_static_max":"many"}', '{broken', 'null'])
    expect(readBootRecord({ ...fields, last_booted_record: text }).memory_static_max).toBe(fields.memory_static_max);
});

it.each([
  ['0', 'xvda'],
  ['3', 'xvdd'],
  ['25', 'xvdz'],
  ['26', 'xvdaa'],
  ['254', 'xvdiu'],
  ['hda', 'hda'],
])('names the drive at %s %s', (position, name) => {
  expect(deviceName(position)).toBe(name);
});
