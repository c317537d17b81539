#!/usr/bin/env node
// Replays recorded command lines of the original's `xe` with our own client against a fresh daemon, and closes with one
// line that counts them: `node scripts/golden-xe.mjs DIRECTORY [CLIENT]`. The directory holds the recordings and their
// replay-xe.mjs; another client than ours may be named.
import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { count, output, PASSWORD, withDaemon } from './support/recordings.mjs';

const [, , directory, client = `${process.execPath} ${fileURLToPath(new URL('../dist/xe.js', import.meta.url))}`] = process.argv;
if (directory === undefined) {
  process.stderr.write('which directory holds the recordings?\n');
  process.exit(2);
}
const files = (await readdir(directory)).filter((name) => name.endsWith('.json')).map((name) => resolve(directory, name));
const { passed, failures } = await withDaemon(async (daemon) => {
  const { hostname, port } = new URL(daemon.http);
  const login = ['--server', hostname, '--port', port, '--user', 'root', '--password', PASSWORD];
  return count(await output(process.execPath, [resolve(directory, 'replay-xe.mjs'), '--xe', client, ...login, ...files]));
});
process.stdout.write(`${passed} passed, ${failures.length} failed\n`);
process.exitCode = failures.length > 0 || passed === 0 ? 1 : 0;
