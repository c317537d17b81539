import { chmod } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { root } from './run.mjs';

/** What is run: the entry, what it loads, and what the daemon starts. All find each other beside themselves by these names. */
const PROGRAMS = {
  main: 'dist/src/main.js',
  gateway: 'dist/src/daemon/main.js',
  xe: 'dist/src/xe-client/main.js',
  worker: 'dist/src/db/sqlite/worker.js',
  'pam-child': 'dist/src/accounts/pam-child.js',
};

/** Programs that users start, by a link to them. */
const COMMANDS = ['main', 'xe'];

/** Packages that stay outside: they load files of their own by their own paths. */
const OUTSIDE = ['better-sqlite3', 'pino', 'authenticate-pam', 'ssh2'];

/** A program that loads another one does so when it wants it, and finds it in the file that was made for that one. */
const besideEachOther = {
  name: 'beside-each-other',
  resolveId: {
    filter: { id: /\/main\.js$/ },
    handler(id, importer) {
      const path = importer && new URL(id, pathToFileURL(importer)).pathname;
      const [name] = Object.entries(PROGRAMS).find(([, input]) => new URL(input, root).pathname === path) ?? [];
      return name && { id: `./${name}.js`, external: true };
    },
  },
};

/**
 * Puts the compiled code and the packages that it uses into one file for each program. A start then reads a few files
 * instead of a thousand, which is half of its time.
 */
export async function bundle() {
  const { build } = await import('rolldown');
  for (const [name, input] of Object.entries(PROGRAMS)) {
    await build({
      cwd: root.pathname,
      input,
      external: OUTSIDE,
      plugins: [besideEachOther],
      platform: 'node',
      logLevel: 'warn',
      output: {
        file: `dist/${name}.js`,
        format: 'esm',
        sourcemap: true,
        minify: { compress: false, mangle: false, codegen: true },
        codeSplitting: false,
      },
    });
  }
  for (const name of COMMANDS) await chmod(new URL(`dist/${name}.js`, root), 0o755);
}
