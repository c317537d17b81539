import { describe, expect, it } from 'vitest';
import { readReport } from './report.mjs';

const passedTest = { status: 'passed', fullName: 'adds', failureMessages: [] };
const failedTest = {
  status: 'failed',
  fullName: 'takes away',
  failureMessages: ['\u001b[31mError: off by one\u001b[39m\n    at here'],
};

function report(assertionResults, file = {}) {
  const passed = assertionResults.filter(({ status }) => status === 'passed').length;
  const testResults = [{ name: 'sums.test.ts', status: 'passed', message: '', assertionResults, ...file }];
  return JSON.stringify({ numPassedTests: passed, numPendingTests: 0, numTodoTests: 0, testResults });
}

describe('a report of vitest', () => {
  it('counts what passed', () => {
    expect(readReport(report([passedTest]), 0)).toEqual({ passed: 1, failed: 0, skipped: 0, failures: [] });
  });

  it('names what failed, and why', () => {
    const { passed, failed, failures } = readReport(report([passedTest, failedTest], { status: 'failed' }), 1);
    expect({ passed, failed }).toEqual({ passed: 1, failed: 1 });
    expect(failures).toEqual(['sums.test.ts: takes away\n    Error: off by one\n        at here']);
  });

  it('fails for a file that does not load, beside tests that pass', () => {
    const { failed, failures } = readReport(report([passedTest], { status: 'failed', message: 'no such module' }), 1);
    expect(failed).toBe(1);
    expect(failures).toEqual(['sums.test.ts\n    no such module']);
  });

  it.each([
    ['no report', undefined, 0],
    ['no tests', report([]), 0],
    ['a stray error', report([passedTest]), 1],
  ])('fails for %s', (_, text, status) => {
    expect(readReport(text, status).failed).toBe(1);
  });
});
