import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Accounts } from '../accounts/accounts.js';
import { writeAddresses } from '../config/addresses-file.js';
import type { LoadedConfig } from '../config/load-config.js';
import { optionKeys, optionName, options } from '../config/options.js';
import { openStore } from '../db/open-store.js';
import type { Actions } from './actions.js';
import { runProgram } from './run-program.js';

let directory: string;
let secretFile: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cli-'));
  secretFile = join(directory, 'secret');
  await writeFile(secretFile, 'find-me\n');
  await writeFile(join(directory, 'empty.yaml'), '');
});
afterEach(() => rm(directory, { recursive: true }));

interface Run {
  status: number;
  out: string;
  err: string;
  started: LoadedConfig | undefined;
}

/** Runs a command line as a shell would, with the given answers to questions for secrets. */
async function run(
  args: readonly string[],
  given: { env?: Record<string, string>; answers?: string[]; start?: Actions['start'] } = {},
): Promise<Run> {
  const result: Run = { status: -1, out: '', err: '', started: undefined };
  const answers = [...(given.answers ?? [])];
  const actions: Actions = {
    start: async (loaded) => {
      result.started = loaded;
      return given.start?.(loaded) ?? 0;
    },
    coverage: async () => [
      { className: 'VM', implicit: { total: 300, implemented: 300 }, explicit: { implemented: 60, storedOnly: 10, refused: 20 } },
      { className: 'VTPM', implicit: { total: 20, implemented: 20 }, explicit: { implemented: 0, storedOnly: 0, refused: 0 } },
    ],
    coveragePage: async () => '# Coverage\n\n...\n',
  };
  result.status = await runProgram(args, actions, {
    env: { XENAPI_GATEWAY_CONFIG: join(directory, 'empty.yaml'), XENAPI_GATEWAY_DATA_DIR: join(directory, 'data'), ...given.env },
    print: (line) => {
      result.out += `${line}\n`;
    },
    complain: (line) => {
      result.err += `${line}\n`;
    },
    askSecret: async () => answers.shift(),
  });
  return result;
}

describe('start', () => {
  it('hands the configuration over, and its exit status on', async () => {
    const { status, started } = await run(
      ['start', '--https-port', '0', '--http-port', 'off', '--emulate', 'hosts=3,vms=7', '--host', 'emulated'],
      {
        env: { XENAPI_GATEWAY_STORE: 'memory' },
        start: async () => 3,
      },
    );
    expect(status).toBe(3);
    expect(started?.config).toMatchObject({
      host: { kind: 'emulated' },
      httpsPort: 0,
      httpPort: 'off',
      store: 'memory',
      dataDir: join(directory, 'data'),
      emulate: { hosts: [{}, {}, {}], vms: [{ count: 7 }] },
    });
    expect(started?.sources.get('store')).toBe('XENAPI_GATEWAY_STORE');
  });

  it('says what is wrong with the configuration, and does not start', async () => {
    const { status, err, started } = await run(['start', '--https-port', 'x', '--emulate', 'vmz=1']);
    expect(status).toBe(2);
    expect(started).toBeUndefined();
    expect(err).toContain('error: https-port (from --https-port): expected a whole number');
    expect(err).toContain('error: emulate (from --emulate): unknown "vmz"');
  });

  it('lists every option in its help', async () => {
    const { status, out } = await run(['start', '--help']);
    expect(status).toBe(0);
    for (const key of optionKeys)
      expect(out).toContain('placeholder' in options[key] ? `--${optionName(key)} <` : 'XENAPI_GATEWAY_ROOT_PASSWORD');
  });
});

describe('user', () => {
  it('adds, lists, changes and removes users', async () => {
    expect(await run(['user', 'add', 'bob', '--role', 'vm-operator', '--password-file', secretFile])).toMatchObject({
      status: 0,
    });
    const accounts = await Accounts.open(join(directory, 'data'));
    expect((await accounts.verify('bob', 'find-me'))?.roles).toEqual(['vm-operator']);
    expect((await stat(join(directory, 'data'))).mode & 0o777).toBe(0o700);

    expect((await run(['user', 'list'])).out).toMatch(/^NAME {2}ROLE {9}SUBJECT\nbob {3}vm-operator {2}[0-9a-f-]{36}\n$/);
    expect(await run(['user', 'role', 'bob', 'pool-admin'])).toMatchObject({ status: 0 });
    expect(JSON.parse((await run(['user', 'list', '--json'])).out)).toMatchObject([{ name: 'bob', roles: ['pool-admin'] }]);

    expect(await run(['user', 'passwd', 'bob'], { answers: ['typed', 'typed'] })).toMatchObject({ status: 0 });
    expect(await accounts.verify('bob', 'typed')).toBeDefined();
    expect(await run(['user', 'passwd', 'root', '--password-file', secretFile])).toMatchObject({ status: 0 });
    expect(await accounts.verify('root', 'find-me')).toMatchObject({ superuser: true });

    expect(await run(['user', 'remove', 'bob'])).toMatchObject({ status: 0 });
    expect((await run(['user', 'list'])).out).toBe('no users but root\n');
  });

  it('prefers the data directory of the flag', async () => {
    const other = join(directory, 'other');
    await run(['user', 'add', 'bob', '--role', 'read-only', '--without-password', '--data-dir', other]);
    expect(await (await Accounts.open(other)).list()).toMatchObject([{ name: 'bob' }]);
  });

  it.each([
    ['an unknown role', ['add', 'bob', '--role', 'king', '--without-password'], 1, 'there is no role "king": one of pool-admin'],
    ['the role of certificates', ['add', 'bob', '--role', 'client-cert', '--without-password'], 1, 'there is no role'],
    ['no role', ['add', 'bob', '--without-password'], 2, "required option '--role <ROLE>'"],
    ['nobody to ask', ['add', 'bob', '--role', 'read-only'], 1, 'nobody to ask for the password'],
    [
      'a password file that is missing',
      ['add', 'bob', '--role', 'read-only', '--password-file', '/nowhere'],
      2,
      'password-file (from /nowhere)',
    ],
    ['a user who is missing', ['remove', 'bob'], 1, 'there is no user bob'],
    ['an unknown command', ['destroy', 'bob'], 2, 'unknown command'],
  ])('refuses %s', async (_title, args, status, message) => {
    const result = await run(['user', ...args]);
    expect(result.err).toContain(message);
    expect(result.status).toBe(status);
  });

  it('refuses two passwords that differ, and shows none', async () => {
    const { status, err } = await run(['user', 'add', 'bob', '--role', 'read-only'], { answers: ['one-secret', 'two-secret'] });
    expect(status).toBe(1);
    expect(err).toBe('error: the two passwords are not the same\n');
  });
});

describe('coverage', () => {
  it('prints a table with a sum', async () => {
    const { out } = await run(['coverage']);
    expect(out).toBe(
      [
        'class      implicit  implemented  stored only  refused  share',
        'VM         300/300            60           10       20  66 %',
        'VTPM       20/20               0            0        0  -',
        '2 classes  320/320            60           10       20  66 %',
        '',
      ].join('\n'),
    );
    expect(JSON.parse((await run(['coverage', '--json'])).out)).toHaveLength(2);
  });

  it('prints the page of the documentation', async () => {
    expect((await run(['coverage', '--markdown'])).out).toBe('# Coverage\n\n...\n');
    expect((await run(['coverage', '--markdown', '--json'])).status).toBe(2);
  });
});

describe('doctor', () => {
  const FREE = ['--https-port', '0', '--http-port', '0'];

  it('is content with a directory that does not exist yet, and makes nothing', async () => {
    const { status, out } = await run(['doctor', ...FREE]);
    expect(out).toContain('The gateway can start.');
    expect(out).toContain('data will be made at first start');
    expect(status).toBe(0);
    await expect(stat(join(directory, 'data'))).rejects.toThrow('ENOENT');
  });

  it('reads the database and the accounts, and warns of an open directory', async () => {
    await mkdir(join(directory, 'data'), { mode: 0o755 });
    const store = await openStore('sqlite', join(directory, 'data'));
    await store.write({ rows: [{ className: 'VM', ref: 'a', text: '{}' }], meta: new Map() });
    await store.close();
    await run(['user', 'passwd', 'root', '--password-file', secretFile]);
    const { status, out } = await run(['doctor', ...FREE]);
    expect(out).toMatch(/is sound: format \d+, 1 objects/);
    expect(out).toContain('0 users, password of root is set');
    expect(out).toContain('WARN  data directory');
    expect(out).toContain(`→ chmod 700 ${join(directory, 'data')}`);
    expect(status).toBe(0);
  });

  it('fails on a port that is in use, and says what to do', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { status, out } = await run(['doctor', '--https-port', `${port}`, '--http-port', 'off']);
    server.close();
    expect(out).toContain(`FAIL  https-port: 127.0.0.1 port ${port} is in use\n      → name another one`);
    expect(out).toContain('http-port: is off');
    expect(status).toBe(1);
  });

  it('fails on files that cannot be used', async () => {
    const data = join(directory, 'data');
    await mkdir(join(data, 'tls'), { recursive: true, mode: 0o700 });
    await writeFile(join(data, 'state.db'), 'x'.repeat(8192));
    await writeFile(join(data, 'accounts.json'), '{');
    await writeFile(join(data, 'tls', 'key.pem'), 'no key');
    const { status, out } = await run(['doctor', '--host', 'emulated', ...FREE]);
    expect(out).toContain('FAIL  database: ');
    expect(out).toContain('FAIL  accounts: ');
    expect(out).toContain('FAIL  certificate: ');
    expect(out).toContain('cannot start: 3 of 8 checks failed');
    expect(status).toBe(1);
  });

  it('leaves a running gateway alone', async () => {
    const data = join(directory, 'data');
    await mkdir(data, { mode: 0o700 });
    const store = await openStore('sqlite', data);
    await writeAddresses(data, { https: 'https://127.0.0.1:8443', pid: process.pid });
    const { status, out } = await run(['doctor']);
    await store.close();
    expect(out).toContain('is open in the running gateway');
    expect(out).toContain(`a gateway is running on this data directory (process ${process.pid})`);
    expect(status).toBe(0);
  });
});

describe('xenapi-gateway', () => {
  it('prints its version and help', async () => {
    expect((await run(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    const { out, status } = await run(['--help']);
    expect(status).toBe(0);
    for (const command of ['start', 'user', 'doctor', 'coverage']) expect(out).toContain(`  ${command} `);
  });

  it('explains unknown commands and options', async () => {
    expect(await run(['strat'])).toMatchObject({ status: 2, err: expect.stringContaining('Did you mean start?') });
    expect(await run(['start', '--https-prot', '1'])).toMatchObject({ status: 2, err: expect.stringContaining('--https-port') });
  });
});
