#!/usr/bin/env node
// Runs every check of the repository, goes on after failures, and closes with what failed and one line that counts them all.
// `node scripts/test.mjs unit compat` runs some of them.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { libvirtLabProblem } from './support/libvirt-lab.mjs';
import { countTests, failedFiles, readReport, runAgain } from './support/report.mjs';
import { run } from './support/run.mjs';

const NOTHING = { passed: 0, failed: 0, skipped: 0, failures: [] };

/** A program that passes as a whole or fails as a whole. */
async function check(program, ...args) {
  return (await run(process.execPath, [program, ...args])) === 0
    ? { ...NOTHING, passed: 1 }
    : { ...NOTHING, failed: 1, failures: ['ended with an error'] };
}

/** The tests of one project of vitest.config.ts. */
async function tests(project) {
  const { files, status } = await runTests(project);
  return countTests(files, status);
}

/** What the files of a project report, or some of them, and with what their run ended. */
async function runTests(project, only = []) {
  const directory = await mkdtemp(join(tmpdir(), 'xenapi-gateway-tests-'));
  const report = join(directory, 'report.json');
  try {
    const status = await run(process.execPath, [
      'node_modules/vitest/vitest.mjs',
      'run',
      `--project=${project}`,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...only,
    ]);
    return { files: readReport(await readFile(report, 'utf8').catch(() => undefined)), status };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Those that make hosts or machines. Where that cannot be done they are skipped as a whole; in CI that fails. Time runs differently on a
 * machine that others use too: a file that fails is run once more, by itself, and named at the end whatever comes of it.
 */
async function labTests(project) {
  const problem = libvirtLabProblem();
  if (problem !== undefined && !process.env.CI) {
    process.stdout.write(`${problem}\n`);
    return { ...NOTHING, skipped: 1 };
  }
  const { files, status } = await runTests(project);
  const failed = failedFiles(files ?? []);
  // More of them do not fail by chance.
  if (failed.length === 0 || failed.length > 2) return countTests(files, status);
  const before = countTests(files, status);
  const again = await runTests(project, failed);
  const result = countTests(runAgain(files, again.files ?? []), again.status);
  return { ...result, notes: before.failures.map((failure) => `failed at first, and was run again: ${failure}`) };
}

const parts = {
  style: () => check('node_modules/@biomejs/biome/bin/biome', 'ci', '.'),
  types: () => check('node_modules/typescript/bin/tsc', '--noEmit', '-p', '.'),
  unit: () => tests('unit'),
  compat: () => tests('compat'),
  crash: () => tests('crash'),
  libvirt: () => labTests('libvirt'),
  lab: () => labTests('lab'),
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(parts);
const unknown = wanted.filter((name) => !Object.hasOwn(parts, name));
if (unknown.length > 0) {
  process.stderr.write(`no such part: ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}\n`);
  process.exit(2);
}

const lines = [];
const failures = [];
const sum = { passed: 0, failed: 0, skipped: 0 };
for (const name of wanted) {
  const began = performance.now();
  process.stdout.write(`\n== ${name}\n`);
  const result = await parts[name]();
  for (const key of Object.keys(sum)) sum[key] += result[key];
  failures.push(...[...(result.notes ?? []), ...result.failures].map((failure) => `${name}: ${failure}`));
  lines.push(`${name.padEnd(8)}${phrase(result)} in ${Math.round((performance.now() - began) / 1000)} s`);
}
process.stdout.write(`\n${[...failures, ...(failures.length > 0 ? [''] : []), ...lines, '', phrase(sum)].join('\n')}\n`);
process.exitCode = sum.failed > 0 ? 1 : 0;

function phrase({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
