#!/usr/bin/env node
// Replays recorded exchanges of the original server against fresh daemons, over each wire, and closes with one line
// that counts them all: `node scripts/golden.mjs DIRECTORY`. The directory holds the recordings and their replay.mjs.
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { must } from './support/run.mjs';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const EXCEPTIONS = new URL('./golden-exceptions.txt', import.meta.url);

const ROLES = ['pool-admin', 'pool-operator', 'vm-power-admin', 'vm-admin', 'vm-operator', 'read-only'];
const WIRES = ['xml', 'json1', 'json2'];
const PASSWORD = 'a password of recordings';

/** Milliseconds until a start counts as failed. */
const START_PATIENCE = 60_000;

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
async function replay(wire) {
  const dataDir = await mkdtemp(join(tmpdir(), 'xenapi-gateway-golden-'));
  try {
    const roles = await addUsers(dataDir);
    const daemon = await start(dataDir);
    try {
      const login = ['--url', daemon.http, '--user', 'root', '--password', PASSWORD, '--wire', wire];
      return count(await output(process.execPath, [resolve(directory, 'replay.mjs'), ...login, ...roles, ...files]));
    } finally {
      await daemon.stop();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
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

async function start(dataDir) {
  const ports = ['--http-port', '0', '--https-port', '0'];
  const args = [
    MAIN,
    'start',
    '--host',
    'emulated',
    '--emulate',
    'hosts=1,vms=2',
    '--data-dir',
    dataDir,
    '--log-level',
    'error',
    ...ports,
  ];
  const env = { ...process.env, XENAPI_GATEWAY_ROOT_PASSWORD: PASSWORD };
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'], env });
  let isOver = false;
  const ended = new Promise((done) => {
    child.once('close', () => {
      isOver = true;
      done();
    });
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  for (const deadline = Date.now() + START_PATIENCE; !isOver && Date.now() < deadline; await sleep(20)) {
    const text = await readFile(join(dataDir, 'addresses.json'), 'utf8').catch(() => undefined);
    if (text !== undefined) return { ...JSON.parse(text), stop };
  }
  await stop();
  throw new Error('the daemon does not serve');
}

/** What a program prints, which is shown too. */
function output(program, args) {
  return new Promise((done, fail) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part) => {
      text += part;
      process.stdout.write(part);
    });
    child.once('error', fail);
    child.once('close', () => done(text));
  });
}

/** Reads the report of a replay. A replay that broke off has no last line, and counts as failed. */
function count(report) {
  const last = /^(\d+) passed, (\d+) failed\s*$/m.exec(report);
  const failures = [...report.matchAll(/^FAIL (\S+)/gm)].map(([, name]) => name);
  if (last === null || Number(last[2]) !== failures.length) return { passed: 0, failures: ['the replay itself'], skipped: 0 };
  return { passed: Number(last[1]), failures, skipped: Number(/^(\d+) skipped/m.exec(report)?.[1] ?? 0) };
}
