import { describe, expect, it } from 'vitest';
import { countTests, failedFiles, readReport, runAgain } from './report.mjs';

const passedTest = { status: 'passed', fullName: 'adds', failureMessages: [] };
const failedTest = {
  status: 'failed',
  fullName: 'takes away',
  failureMessages: ['\u001b[31mError: off by one\u001b[39m\n    at here'],
};

function file(name, assertionResults, more = {}) {
  const status = assertionResults.some((test) => test.status === 'failed') ? 'failed' : 'passed';
  return { name, status, message: '', assertionResults, ...more };
}

describe('a run of tests', () => {
  it('counts what passed, failed and was left out', () => {
    const files = readReport(JSON.stringify({ testResults: [file('a', [passedTest, { ...passedTest, status: 'pending' }])] }));
    expect(countTests(files, 0)).toEqual({ passed: 1, failed: 0, skipped: 1, failures: [] });
  });

  it('names what failed, and why', () => {
    const { passed, failed, failures } = countTests([file('sums.test.ts', [passedTest, failedTest])], 1);
    expect({ passed, failed }).toEqual({ passed: 1, failed: 1 });
    expect(failures).toEqual(['sums.test.ts: takes away\n    Error: off by one\n        at here']);
  });

  it('fails for a file that does not load, beside tests that pass', () => {
    const files = [file('a', [passedTest]), file('b', [], { status: 'failed', message: 'no such module' })];
    expect(countTests(files, 1)).toMatchObject({ passed: 1, failed: 1, failures: ['b\n    no such module'] });
    expect(failedFiles(files)).toEqual(['b']);
  });

  it.each([
    ['no report', undefined, 0],
    ['no tests', [], 0],
    ['a stray error', [file('a', [passedTest])], 1],
  ])('fails for %s', (_, files, status) => {
    expect(countTests(files, status).failed).toBe(1);
  });
});

describe('files that are run again', () => {
  const first = [file('a', [passedTest]), file('b', [passedTest, failedTest])];

  it('count as they are then', () => {
    expect(countTests(runAgain(first, [file('b', [passedTest, passedTest])]), 0)).toMatchObject({ passed: 3, failed: 0 });
    expect(countTests(runAgain(first, [file('b', [failedTest, failedTest])]), 1)).toMatchObject({ passed: 1, failed: 2 });
  });

  it('keep their failures when nothing is told of them', () => {
    expect(countTests(runAgain(first, []), 0)).toMatchObject({ passed: 2, failed: 1 });
  });
});
