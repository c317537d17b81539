import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** A file of TypeScript, by its path from the top of the repository. */
export interface Source {
  readonly path: string;
  readonly text: string;
  /** Code without comments and with strings emptied, line by line as in the text. */
  readonly code: string;
  /** Sources that it imports, or starts as programs of their own. */
  readonly needs: readonly string[];
}

const ROOT = new URL('..', import.meta.url).pathname;

/** Every source below some folders, by path. */
export function readSources(folders: readonly string[]): ReadonlyMap<string, Source> {
  const paths = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !BUILT.test(entry.parentPath))
      .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length)),
  );
  return new Map(paths.sort().map((path) => [path, readSource(path)]));
}

/** Text of a file of the repository. */
export function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Folders of packages that hold what was compiled or installed. */
const BUILT = /\/packages\/[^/]+\/(?:dist|node_modules)(?:\/|$)/;

/** Packages of the repository by the names under which they are imported. */
const PACKAGE = /\bfrom\s+'(node-libvirt)'/g;

const NEED = /(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+|\bnew URL\(\s*)'(\.{1,2}\/[^']+)'/gm;

function readSource(path: string): Source {
  const text = readText(path);
  const needs = [...text.matchAll(NEED)].map(([, target = '']) => normalize(join(dirname(path), target)).replace(/\.js$/, '.ts'));
  needs.push(...[...text.matchAll(PACKAGE)].map(([, name]) => `packages/${name}/src/index.ts`));
  return { path, text, code: withoutWords(text), needs: [...new Set(needs)] };
}

const COMMENT_OR_STRING = /\/\*[\s\S]*?\*\/|(?<![:\\])\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g;

function withoutWords(text: string): string {
  return text.replace(COMMENT_OR_STRING, (match) => match.replace(/[^\n]/g, ' '));
}

/** What is reached from some sources, themselves included. */
export function reachable(sources: ReadonlyMap<string, Source>, from: Iterable<string>): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [...from].filter((path) => sources.has(path));
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    open.push(...(sources.get(path)?.needs ?? []).filter((need) => sources.has(need)));
  }
  return reached;
}
