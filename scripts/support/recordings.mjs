// Daemons on which recordings of the original are replayed, and how a replay is counted.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The built daemon. */
export const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** Password of root at every such daemon. */
export const PASSWORD = 'a-password-of-recordings';

/** Milliseconds until a start counts as failed. */
const START_PATIENCE = 60_000;

/** Starts a daemon on an emulated pool of its own, has work done with its addresses, and removes all of it. `prepare` gets the data directory before the start. */
export async function withDaemon(work, prepare = async () => undefined) {
  const dataDir = await mkdtemp(join(tmpdir(), 'xenapi-gateway-golden-'));
  try {
    const prepared = await prepare(dataDir);
    const daemon = await start(dataDir);
    try {
      return await work(daemon, prepared);
    } finally {
      await daemon.stop();
    }
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
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
export function output(program, args) {
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
export function count(report) {
  const last = /^(\d+) passed, (\d+) failed\s*$/m.exec(report);
  const failures = [...report.matchAll(/^FAIL (\S+)/gm)].map(([, name]) => name);
  if (last === null || Number(last[2]) !== failures.length) return { passed: 0, failures: ['the replay itself'], skipped: 0 };
  return { passed: Number(last[1]), failures, skipped: Number(/^(\d+) skipped/m.exec(report)?.[1] ?? 0) };
}
