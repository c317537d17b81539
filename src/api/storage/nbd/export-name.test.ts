import { expect, it } from 'vitest';
import { exportName, parseExportName } from './export-name.js';

const name = { vdi: '5fc7fc1c-0d3a-4d1c-9d0b-6b5d3b8f6a11', session: 'OpaqueRef:9b8c2f5e-8a1e-4d0b-a2d5-0d0f3a1d2c3b' };

it('what is given out is understood again', () => {
  expect(exportName(name)).toBe(`/${name.vdi}?session_id=${name.session}`);
  expect(parseExportName(exportName(name))).toEqual(name);
});

it.each([
  ['', 'SESSION_INVALID'],
  [`/${name.vdi}`, 'SESSION_INVALID'],
  [`/${name.vdi}?session=x`, 'SESSION_INVALID'],
  ['/?session_id=x', 'UUID_INVALID'],
  ['?session_id=x', 'UUID_INVALID'],
])('a name that is none (%s) is refused', (text, code) => {
  expect(() => parseExportName(text)).toThrow(expect.objectContaining({ code }));
});
