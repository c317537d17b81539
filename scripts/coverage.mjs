#!/usr/bin/env node
// Writes docs/coverage.md from the handlers of the built daemon.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { root } from './support/run.mjs';

const { stdout } = await promisify(execFile)(process.execPath, ['dist/main.js', 'coverage', '--markdown'], { cwd: root });
await writeFile(new URL('docs/coverage.md', root), stdout);
