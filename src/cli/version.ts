import { readFileSync } from 'node:fs';

/** Version of the package that this file belongs to: it is one directory up when bundled, two in the sources, three when compiled. */
export function version(): string {
  for (const path of ['../package.json', '../../package.json', '../../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as {
        name?: unknown;
        version?: unknown;
      };
      if (name === 'xenapi-gateway' && typeof version === 'string') return version;
    } catch {
      // Not there: the other place.
    }
  }
  return 'unknown';
}
