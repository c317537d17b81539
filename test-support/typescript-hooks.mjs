import { access, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'rolldown/utils';

/** Packages of this repository, by the name that they are imported with. */
const packages = { 'node-libvirt': new URL('../packages/node-libvirt/src/index.ts', import.meta.url).href };

const here = new URL('..', import.meta.url).href;
const ours = (url) => url.startsWith(here) && !url.includes('/node_modules/');

/** Our imports end in `.js`; in the sources the file beside is `.ts`. */
export async function resolve(specifier, context, next) {
  if (Object.hasOwn(packages, specifier)) return { url: packages[specifier], format: 'module', shortCircuit: true };
  const url = URL.canParse(specifier) ? new URL(specifier) : relativeTo(specifier, context.parentURL);
  if (url !== undefined && ours(url.href) && url.pathname.endsWith('.js')) {
    const source = url.href.replace(/\.js$/, '.ts');
    if (await exists(source)) return { url: source, format: 'module', shortCircuit: true };
  }
  return next(specifier, context);
}

/** Strips the types of our own sources. */
export async function load(url, context, next) {
  if (!ours(url) || !url.endsWith('.ts')) return next(url, context);
  const file = fileURLToPath(url);
  const { code, errors } = transformSync(file, await readFile(file, 'utf8'));
  if (errors.length > 0) throw new SyntaxError(`${file}: ${errors.map((error) => error.message).join('; ')}`);
  return { format: 'module', source: code, shortCircuit: true };
}

function relativeTo(specifier, parent) {
  return specifier.startsWith('.') && parent !== undefined ? new URL(specifier, parent) : undefined;
}

async function exists(url) {
  try {
    await access(fileURLToPath(url));
    return true;
  } catch {
    return false;
  }
}
