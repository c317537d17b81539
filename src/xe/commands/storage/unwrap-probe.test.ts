import { expect, it } from 'vitest';
import { unwrapProbe } from './unwrap-probe.js';

const array = (...items: readonly string[]) =>
  `<value><array><data>${items.map((item) => `<value>${item}</value>`).join('')}</data></array></value>`;

it.each([
  [array('Raw', '&lt;SRlist/&gt;'), '<SRlist/>'],
  [`<?xml version="1.0"?>\n${array('<string>Raw</string>', '<string>two\nlines</string>')}`, 'two\nlines'],
])('takes the text out of %j', (answer, text) => {
  expect(unwrapProbe(answer)).toBe(text);
});

it.each([
  '<?xml version="1.0" ?>\n<SRlist/>\n',
  'Raw text that is no XML',
  '<Raw><value>x</value></Raw>',
  array('Raw'),
  array('Probe', 'Raw'),
  array('Raw', '<int>5</int>'),
  '<value>Raw</value>',
  '',
])('prints %j as it is', (answer) => {
  expect(unwrapProbe(answer)).toBe(answer);
});
