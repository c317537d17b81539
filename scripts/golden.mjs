#!/usr/bin/env node
// Replays recorded exchanges of the original server against fresh daemons, over each wire, and closes with one line
// that counts them all: `node scripts/golden.mjs DIRECTORY`. The directory holds the recordings and their replay.mjs.
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { count, MAIN, output, PASSWORD, withDaemon } from './support/recordings.mjs';
import { must } from './support/run.mjs';

const EXCEPTIONS = new URL('./golden-exceptions.txt', import.meta.url);

const ROLES = ['pool-admin', 'pool-operator', 'vm-power-admin', 'vm-admin', 'vm-operator', 'read-only'];
const WIRES = ['xml', 'json1', 'json2'];

const directory = process.argv[2];
if (directory === undefined) {
  process.stderr.write('which directory holds the recordings?\n');
  process.exit(2);
}
const files = (await readdir(directory)).filter((name) => name.endsWith('.json')).map((name) => resolve(directory, name));
const exceptions = await readExceptions();
const sum = { passed: 0, failed: 0, skipped: 0 };
for (const wire of WIRES) {
  const { passed, failures, skipped } = await replay(wire);
  const excused = failures.filter((name) => exceptions.has(`${wire} ${name}`));
  // One that passes after all has no business in the list.
  const needless = [...exceptions].filter(
    (line) => line.startsWith(`${wire} `) && !failures.includes(line.slice(wire.length + 1)),
  );
  for (const line of needless) process.stdout.write(`${line}: is an exception and passes\n`);
  for (const name of excused) process.stdout.write(`${wire} ${name}: fails, as docs/golden-exceptions.md says\n`);
  const failed = failures.length - excused.length + needless.length;
  process.stdout.write(
    `recordings over ${wire.padEnd(6)}${passed} passed, ${failed} failed, ${skipped + excused.length} skipped\n`,
  );
  sum.passed += passed;
  sum.failed += failed;
  sum.skipped += skipped + excused.length;
}
process.stdout.write(`${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}\n`);
process.exitCode = sum.failed > 0 || sum.passed === 0 ? 1 : 0;

/** Cases that are known to fail: lines of wire and case, such as `xml events/create`. */
async function readExceptions() {
  const lines = (await readFile(EXCEPTIONS, 'utf8')).split('\n').map((line) => line.trim());
  return new Set(lines.filter((line) => line !== '' && !line.startsWith('#')));
}

/** Replays all recordings over one wire, against a daemon and a pool of their own. */
function replay(wire) {
  return withDaemon(async (daemon, roles) => {
    const login = ['--url', daemon.http, '--user', 'root', '--password', PASSWORD, '--wire', wire];
    return count(await output(process.execPath, [resolve(directory, 'replay.mjs'), ...login, ...roles, ...files]));
  }, addUsers);
}

/** A user for each role. Returns the options that tell of them. */
async function addUsers(dataDir) {
  const file = join(dataDir, 'password');
  await writeFile(file, PASSWORD);
  for (const role of ROLES)
    await must(process.execPath, [MAIN, 'user', 'add', role, '--role', role, '--password-file', file, '--data-dir', dataDir]);
  await rm(file);
  return ROLES.flatMap((role) => ['--role', `${role}=${role}:${PASSWORD}`]);
}
