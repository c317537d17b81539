import { expect, it } from 'vitest';
import { PermittedFiles } from './permitted-files.js';

const files = new PermittedFiles(['vm-export', 'filename=a/../b.xva', 'args:x:file=/etc/x=y', 'empty=', '--force'], '/users/me');

it('are those that are values of parameters, however they are spelled', () => {
  expect(files.path('b.xva')).toBe('/users/me/b.xva');
  expect(files.path('/users/me/./b.xva')).toBe('/users/me/b.xva');
  expect(files.path('/etc/x=y')).toBe('/etc/x=y');
});

it.each(['/users/me', '', '.', 'vm-export', '/etc/passwd', 'y', '/users/me/b.xva1', 'b.xva\0', '../b.xva'])(
  'are not %j',
  (name) => {
    expect(() => files.path(name)).toThrow('File not permitted: ');
  },
);

it('are named without what could harm a terminal', () => {
  expect(() => files.path('\x1b]0;x\x07')).toThrow('File not permitted: ?]0;x?');
});
