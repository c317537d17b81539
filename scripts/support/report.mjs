import { stripVTControlCharacters } from 'node:util';

/** So many lines of a failure are shown again at the end; the whole of it stands where it happened. */
const LINES_SHOWN = 12;

/** What the JSON report of a run of vitest says of each of its files. Undefined when there is none. */
export function readReport(text) {
  return text === undefined ? undefined : JSON.parse(text).testResults;
}

/** Paths of the files in which a test failed, or that did not load. */
export function failedFiles(files) {
  return files.filter((file) => failuresOf(file).length > 0).map(({ name }) => name);
}

/** The files of a run, with those that were run again as they were then. */
export function runAgain(files, again) {
  const later = new Map(again.map((file) => [file.name, file]));
  return files.map((file) => later.get(file.name) ?? file);
}

/**
 * Counts the tests of files whose run ended with `status`. What went wrong outside of any test (a file that does not load, a stray error, no
 * tests at all, no report) fails too. `failures` says in words what failed.
 */
export function countTests(files, status) {
  if (files === undefined) return { passed: 0, failed: 1, skipped: 0, failures: ['broke off before it had reported'] };
  const tests = files.flatMap(({ assertionResults }) => assertionResults);
  const passed = tests.filter((test) => test.status === 'passed').length;
  const skipped = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed').length;
  const failures = files.flatMap(failuresOf);
  if (failures.length === 0 && status !== 0) failures.push(`ended with ${status}, though no test failed`);
  if (failures.length === 0 && passed === 0) failures.push('has no tests');
  return { passed, failed: failures.length, skipped, failures };
}

function failuresOf({ name, status, message, assertionResults }) {
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (status === 'failed' && failed.length === 0) return [told(name, message)];
  return failed.map((test) => told(`${name}: ${test.fullName}`, test.failureMessages.join('\n')));
}

function told(what, why) {
  const lines = stripVTControlCharacters(why ?? '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^ *at (?:.*node_modules|new Promise)/.test(line));
  return [what, ...lines.slice(0, LINES_SHOWN).map((line) => `    ${line}`)].join('\n');
}
