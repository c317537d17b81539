import { readdir, stat, utimes } from 'node:fs/promises';
import { bundle } from './bundle.mjs';
import { must, root, say } from './run.mjs';

/** Packages of this repository that the rest imports as it imports any other: compiled by themselves, and first. */
const PACKAGES = ['packages/node-libvirt'];

/** Folders and files that the compiled code is made from. */
const SOURCES = [
  ...PACKAGES.flatMap(sourcesOf),
  'schema',
  'src',
  'bench',
  'compat-tests',
  'crash-tests',
  'test-support',
  'scripts',
  'tsconfig.json',
  'package-lock.json',
];

/** The last thing that a build makes. Its time is set to the beginning of that build. */
const BUILT = 'dist/main.js';

/** Compiles and bundles the sources, unless that was done since they changed. Rejects when they do not compile. */
export async function build() {
  for (const path of PACKAGES) await buildPackage(path);
  const built = await changed(BUILT);
  if (built > 0 && (await Promise.all(SOURCES.map(newest))).every((time) => time < built)) return;
  say('compiling');
  const now = new Date();
  await must(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.']);
  await bundle();
  // Sources that were changed meanwhile are newer than this.
  await utimes(new URL(BUILT, root), now, now);
}

async function buildPackage(path) {
  const built = `${path}/dist/index.js`;
  const time = await changed(built);
  if (time > 0 && (await Promise.all(sourcesOf(path).map(newest))).every((source) => source < time)) return;
  say(`compiling ${path}`);
  const now = new Date();
  await must(process.execPath, ['node_modules/typescript/bin/tsc', '-p', path]);
  await utimes(new URL(built, root), now, now);
}

function sourcesOf(path) {
  return [`${path}/src`, `${path}/package.json`, `${path}/tsconfig.json`];
}

async function newest(path) {
  const url = new URL(path, root);
  const own = await stat(url).catch(() => undefined);
  if (own === undefined || own.isFile()) return own?.mtimeMs ?? 0;
  // The times of folders tell of removed files.
  const entries = await readdir(url, { recursive: true, withFileTypes: true });
  const times = await Promise.all(entries.map((entry) => changed(`${entry.parentPath}/${entry.name}`)));
  return Math.max(own.mtimeMs, ...times);
}

async function changed(path) {
  return (await stat(new URL(path, root)).catch(() => undefined))?.mtimeMs ?? 0;
}
