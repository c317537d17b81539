import { expect, test } from 'vitest';
import { MemoryStore } from '../../db/memory-store.js';
import { openDatabase } from '../../db/open.js';
import { choosePosition, freePositions, positionOf } from './device-numbers.js';

test('positions are read from numbers and from the names of Linux', () => {
  const read = ['0', '15', '255', 'xvda', 'xvdz', 'xvdaa', 'hdc', 'sdb'].map(positionOf);
  expect(read).toEqual([0, 15, 255, 0, 25, 26, 2, 1]);
  expect(['', '-1', 'rubbish', 'xvd', 'xvda1', 'fda', '0x3', '99999999'].map(positionOf)).toEqual(Array(8).fill(undefined));
});

async function vmWith(...devices: string[]) {
  const db = await openDatabase(new MemoryStore(), (error) => {
    throw error;
  });
  const vm = db.create('VM', { name_label: 'vm' });
  for (const userdevice of devices) db.create('VBD', { VM: vm, userdevice });
  return { db, vm: db.get('VM', vm) };
}

test('free positions leave out what either spelling takes', async () => {
  const { db, vm } = await vmWith('1', 'xvdc');
  expect(freePositions(db, vm).slice(0, 3)).toEqual(['0', '3', '4']);
  expect(freePositions(db, vm)).toHaveLength(253);
});

test('a position is kept as a number whatever the client wrote', async () => {
  const { db, vm } = await vmWith('0');
  expect(choosePosition(db, vm, 'xvdb')).toBe('1');
  expect(choosePosition(db, vm, 'autodetect')).toBe('1');
  expect(() => choosePosition(db, vm, 'hda')).toThrow('DEVICE_ALREADY_EXISTS [hda]');
  expect(() => choosePosition(db, vm, 'rubbish')).toThrow('INVALID_DEVICE [rubbish]');
});
