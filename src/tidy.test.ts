import { describe, expect, it } from 'vitest';
import { reachable, readSources, readText, type Source } from '../test-support/source-tree.js';
import { coverage } from './api/coverage.js';
import { coveragePage } from './daemon/coverage-page.js';

/**
 * The floors of ARCHITECTURE.md: what each may import besides itself. Tests, and what only they use, may import anything.
 * A floor that is not here does not exist.
 */
const FLOORS: Readonly<Record<string, readonly string[]>> = {
  schema: [],
  'packages/node-libvirt': [],
  'src/model': ['schema'],
  'src/wire': ['schema', 'src/model'],
  'src/db': ['schema', 'src/model', 'src/wire'],
  'src/host': ['packages/node-libvirt', 'src/model', 'src/wire', 'src/files'],
  'src/log': [],
  'src/files': [],
  'src/accounts': ['schema', 'src/files'],
  'src/config': ['src/model', 'src/db', 'src/host', 'src/log', 'src/files'],
  'src/cli': ['packages/node-libvirt', 'src/model', 'src/db', 'src/log', 'src/files', 'src/accounts', 'src/config'],
  'src/api': ['schema', 'src/model', 'src/wire', 'src/db', 'src/host', 'src/log', 'src/files', 'src/accounts'],
  'src/http': ['schema', 'src/model', 'src/wire', 'src/log', 'src/api'],
  'src/xe': ['schema', 'src/model', 'src/wire', 'src/log', 'src/api', 'src/http'],
  'src/nbd': ['src/wire', 'src/model', 'src/host', 'src/http'],
  'src/daemon': [
    'src/wire',
    'src/model',
    'src/db',
    'src/host',
    'src/log',
    'src/files',
    'src/accounts',
    'src/config',
    'src/cli',
    'src/api',
    'src/http',
    'src/nbd',
    'src/xe',
  ],
  'src/xe-client': ['src/wire'],
  'src/main.ts': ['src/daemon', 'src/xe-client'],
  // Measurements of KVM hosts start the hosts that tests start, and fill storage as those do; those of command lines speak their protocol.
  bench: ['packages/node-libvirt', 'test-support/libvirt', 'src/wire', 'src/host'],
  'test-support/libvirt': [],
};

/** Programs: whatever none of them uses, and no test, is dead. */
const PROGRAMS = ['src/main.ts', 'bench/run.ts', 'bench/kvm/run.ts', 'bench/kvm/receiver-program.ts'];

/** Longest file, in lines. Tables of the model in schema/ may be as long as the model is. */
const LONGEST = 400;

/** Casts that no type can take the place of, with the number in each file. */
const CASTS: Readonly<Record<string, number>> = {
  // Fields of an event are not those of the model's class: the wire has a record where that has none.
  'src/api/events/event-record.ts': 1,
  'src/wire/event-fields.ts': 1,
  // Tables that hold all classes know the class of a row at run time only.
  'src/db/database.ts': 1,
  'src/api/inventory/role-records.ts': 1,
  'src/api/operations/operations.ts': 2,
  // Text of an earlier run, put together value by value.
  'src/api/world/boot-record.ts': 1,
};

/** Where tests may be skipped: those of Debian's clients, on machines that have none and may not install any. Never in CI. */
const SKIPPED = 'compat-tests/support/program.ts';

const EXPORT = /^export (?:default )?(?:async )?(?:abstract )?(?:function|class)\*? (\w+)/;

const sources = readSources(['schema', 'packages', 'src', 'bench', 'compat-tests', 'crash-tests', 'test-support']);
const all = [...sources.values()];

/** A test, or code that is there for tests alone, by where it is or how it is called. */
function isForTests({ path }: Source): boolean {
  return (
    /\.(?:test|contract)\.ts$/.test(path) ||
    /^(?:compat-tests|crash-tests|test-support)\//.test(path) ||
    /\/(?:testing|contract)\//.test(path) ||
    /\/test-[^/]+\.ts$/.test(path) ||
    // Processes that tests start and kill.
    /\/(?:crash-writer|killed-writer|lock-holder)\.ts$/.test(path)
  );
}

const product = all.filter((source) => !isForTests(source));

function floorOf(path: string): string {
  return Object.keys(FLOORS).find((floor) => path === floor || path.startsWith(`${floor}/`)) ?? 'none';
}

/** `path:line` of every place in the code where something is found. */
function places(where: readonly Source[], pattern: RegExp, of: 'code' | 'text' = 'code'): string[] {
  return where.flatMap((source) =>
    source[of].split('\n').flatMap((line, i) => (pattern.test(line) ? [`${source.path}:${i + 1}`] : [])),
  );
}

describe('imports', () => {
  it('go down the floors only', () => {
    const wrong = product.flatMap(({ path, needs }) => {
      const floor = floorOf(path);
      const allowed = [floor, ...(FLOORS[floor] ?? [])];
      return needs.filter((need) => sources.has(need) && !allowed.includes(floorOf(need))).map((need) => `${path} → ${need}`);
    });
    expect(wrong).toEqual([]);
    expect(product.filter(({ path }) => floorOf(path) === 'none').map(({ path }) => path)).toEqual([]);
  });

  it('of the product lead to nothing that is there for tests', () => {
    const wrong = product.flatMap(({ path, needs }) =>
      needs.flatMap((need) => {
        const source = sources.get(need);
        if (floorOf(path) === 'bench' && /^(?:test-support\/libvirt|src\/host\/.*\/testing)\//.test(need)) return [];
        return source && isForTests(source) ? [`${path} → ${need}`] : [];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it('of the API name what a host can do, and no kind of host', () => {
    const wrong = product.flatMap(({ path, needs }) =>
      path.startsWith('src/api/')
        ? needs.filter((need) => need.startsWith('src/host/emulated/')).map((need) => `${path} → ${need}`)
        : [],
    );
    expect(wrong).toEqual([]);
  });

  it('leave no file out', () => {
    const used = reachable(sources, PROGRAMS);
    const tests = all.filter(({ path }) => path.endsWith('.test.ts')).map(({ path }) => path);
    const tested = reachable(sources, tests);
    const dead = all.filter((source) => !(isForTests(source) ? tested : used).has(source.path) && !source.path.endsWith('.d.ts'));
    expect(dead.map(({ path }) => path)).toEqual([]);
  });
});

describe('a file', () => {
  it('is short enough to be read in one go', () => {
    const long = all.filter(({ path, text }) => !path.startsWith('schema/') && text.split('\n').length > LONGEST);
    expect(long.map(({ path }) => path)).toEqual([]);
  });

  it('of the product says what its functions and classes are for', () => {
    const missing = product.flatMap(({ path, text }) => {
      const lines = text.split('\n');
      return lines.flatMap((line, i) => {
        const [, name] = EXPORT.exec(line) ?? [];
        const above = lines[i - 1] ?? '';
        // Of a function in several forms the first one says it.
        return name === undefined || above.endsWith('*/') || EXPORT.exec(above)?.[1] === name ? [] : [`${path}:${i + 1}`];
      });
    });
    expect(missing).toEqual([]);
  });

  it('is finished', () => {
    expect(places(all, new RegExp(['TO', 'DO|FIX', 'ME|XX', 'X\\b'].join('')), 'text')).toEqual([]);
  });

  it('runs on any machine', () => {
    expect(places(all, /["'`(\s](?:\/work|\/tmp|\/home|\/root)\//, 'text')).toEqual([]);
  });
});

describe('types', () => {
  it('are never any', () => {
    expect(places(all, /(?::\s*|\bas\s+|<|,\s*|=>\s*|=\s*)any\b(?!\w)/)).toEqual([]);
  });

  it('are cast past the compiler only where nothing else is possible', () => {
    const casts = product.flatMap(({ path, code }) => {
      const count = code.split('as unknown as').length - 1;
      return count ? [[path, count] as const] : [];
    });
    expect(Object.fromEntries(casts)).toEqual(CASTS);
  });
});

describe('output', () => {
  it('goes through the log or the terminal', () => {
    expect(places(all, /\bconsole\s*\.\s*(?:log|error|warn|info|debug)\b/)).toEqual([]);
  });
});

describe('tests', () => {
  it('run, all of them', () => {
    const tests = all.filter((source) => isForTests(source) && source.path !== SKIPPED);
    expect(places(tests, /\b(?:it|test|describe|suite)(?:\.concurrent)?\.(?:only|skip|todo|fails)\b/)).toEqual([]);
  });
});

describe('docs/coverage.md', () => {
  it('tells what is implemented now (`npm run coverage` writes it)', () => {
    expect(readText('docs/coverage.md')).toBe(coveragePage(coverage()));
  });
});
