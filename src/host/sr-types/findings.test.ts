import { expect, it } from 'vitest';
import { refuseWithBlockDevices, refuseWithExports, refuseWithTargets } from './findings.js';

function refused(work: () => never): unknown {
  try {
    return work();
  } catch (thrown) {
    return thrown;
  }
}

it('has what servers said in XML so that it stays XML', () => {
  expect(refused(() => refuseWithTargets([{ address: '<&">', port: '3260', iqn: ']]>' }]))).toMatchObject({
    code: 'SR_BACKEND_FAILURE_96',
    params: ['', expect.any(String), expect.stringContaining('\t\t\t&lt;&amp;&quot;&gt;\n')],
  });
  expect(refused(() => refuseWithExports('nas', [{ path: '/a<b', access: '10.0.0.0/8' }]))).toMatchObject({
    code: 'SR_BACKEND_FAILURE_101',
    params: ['', expect.any(String), expect.stringMatching(/<Path>\s*\/a&lt;b\s*<\/Path>\s*<Accesslist>\s*10\.0\.0\.0\/8/)],
  });
});

it('tells of an empty list too', () => {
  expect(refused(() => refuseWithBlockDevices([], []))).toMatchObject({
    code: 'SR_BACKEND_FAILURE_90',
    params: ['', expect.any(String), '<?xml version="1.0" ?>\n<Devlist/>\n'],
  });
});
