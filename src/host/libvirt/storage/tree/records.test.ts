import { expect, test } from 'vitest';
import { parseVolume, volumeText } from './records.js';

const UUID = '11111111-1111-4111-8111-111111111111';
const EARLIER = { uuid: UUID, location: UUID, node: 'n', readOnly: true, name: 'disk', description: '', smConfig: { k: 'v' } };

test('records of earlier versions are read, and have no properties', () => {
  const record = parseVolume(JSON.stringify(EARLIER));
  expect(record).toEqual({ ...EARLIER, properties: new Map(), smConfig: new Map([['k', 'v']]) });
});

test('properties come back as they were', () => {
  const properties = new Map([
    ['snapshot_of', UUID],
    ['type', 'ä\n"'],
  ]);
  const record = { ...parseVolume(JSON.stringify(EARLIER)), properties };
  expect(parseVolume(volumeText(record))).toEqual(record);
});
