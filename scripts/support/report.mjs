import { stripVTControlCharacters } from 'node:util';

/** So many lines of a failure are shown again at the end; the whole of it stands where it happened. */
const LINES_SHOWN = 12;

/**
 * Counts the JSON report of a run of vitest, which ended with `status`. What went wrong outside of any test (a file that
 * does not load, a stray error, no tests at all, no report) fails too. `failures` says in words what failed.
 */
export function readReport(text, status) {
  if (text === undefined) return { passed: 0, failed: 1, skipped: 0, failures: ['broke off before it had reported'] };
  const { numPassedTests: passed, numPendingTests, numTodoTests, testResults } = JSON.parse(text);
  const failures = testResults.flatMap(failuresOf);
  if (failures.length === 0 && status !== 0) failures.push(`ended with ${status}, though no test failed`);
  if (failures.length === 0 && passed === 0) failures.push('has no tests');
  return { passed, failed: failures.length, skipped: numPendingTests + numTodoTests, failures };
}

function failuresOf({ name, status, message, assertionResults }) {
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (status === 'failed' && failed.length === 0) return [told(name, message)];
  return failed.map((test) => told(`${name}: ${test.fullName}`, test.failureMessages.join('\n')));
}

function told(what, why) {
  const lines = stripVTControlCharacters(why ?? '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  return [what, ...lines.slice(0, LINES_SHOWN).map((line) => `    ${line}`)].join('\n');
}
