import { expect, it } from 'vitest';
import { CommandLineSyntaxError, readCommandLine } from './command-line.js';

it('reads switches, words and values', () => {
  const { name, parameters } = readCommandLine([
    'vm-start',
    '--force',
    'vm=a=b',
    'foo',
    '-u',
    'root',
    '-pw',
    '',
    'uuid=1',
    'uuid=2',
  ]);
  expect(name).toBe('vm-start');
  expect(parameters.list).toEqual([
    { name: 'force', value: 'true' },
    { name: 'vm', value: 'a=b' },
    { name: 'foo', value: '' },
    { name: 'username', value: 'root' },
    { name: 'password', value: '' },
    { name: 'uuid', value: '1' },
    { name: 'uuid', value: '2' },
  ]);
  expect(parameters.find('uuid')).toBe('1');
});

it.each([
  ['a name with an equals sign', ['a=b']],
  ['an unknown switch', ['vm-list', '-x', 'y']],
  ['a switch without value', ['vm-list', '-u']],
  ['a lone hyphen', ['vm-list', '-']],
])('refuses %s', (_, words) => {
  expect(() => readCommandLine(words)).toThrow(CommandLineSyntaxError);
});

it('takes any double hyphen for a switch that is on', () => {
  expect(readCommandLine(['x', '--a=b', '--']).parameters.list).toEqual([
    { name: 'a=b', value: 'true' },
    { name: '', value: 'true' },
  ]);
});
