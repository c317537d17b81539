import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.js';
import { type ConfigSources, loadConfig } from './load-config.js';
import { type OptionKey, optionKeys, optionName, variableName } from './options.js';

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'config-'));
  file = join(directory, 'gateway.yaml');
});
afterEach(() => rm(directory, { recursive: true }));

/** Loads without what the machine itself has in /etc. */
const load = (given: Partial<ConfigSources> = {}) => loadConfig({ flags: {}, env: {}, defaultFile: file, ...given });
const messageOf = async (given: Partial<ConfigSources>): Promise<string> => {
  const thrown: unknown = await load(given).then(
    () => 'it was accepted',
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(ConfigError);
  return String(thrown);
};

describe('loadConfig', () => {
  it('has a default for everything', async () => {
    const { config, sources, file: read } = await load();
    expect(config).toMatchObject({
      host: undefined,
      bind: '127.0.0.1',
      httpsPort: undefined,
      httpPort: undefined,
      persona: { id: 'xcp-ng-8.3' },
      store: 'sqlite',
      auth: 'local',
      logLevel: 'info',
      emulate: { hosts: [{}, {}], vms: [{ count: 4, states: { running: 2 } }], faults: [] },
    });
    expect(config.unixSocket).toBe(join(config.dataDir, 'xenapi.sock'));
    expect(sources.size).toBe(0);
    expect(read).toBeUndefined();
  });

  it('prefers flags to the environment to the file to defaults', async () => {
    await writeFile(file, 'https-port: 1\nhttp-port: 1\nbind: 10.0.0.1\npersona: xenserver-8\n');
    const env = { XENAPI_GATEWAY_HTTPS_PORT: '2', XENAPI_GATEWAY_HTTP_PORT: 'off', XENAPI_GATEWAY_PERSONA: '' };
    const { config, sources } = await load({ flags: { httpsPort: '3' }, env });
    expect(config).toMatchObject({
      httpsPort: 3,
      httpPort: 'off',
      bind: '10.0.0.1',
      persona: { id: 'xenserver-8' },
      store: 'sqlite',
    });
    expect(Object.fromEntries(sources)).toEqual({
      httpsPort: '--https-port',
      httpPort: 'XENAPI_GATEWAY_HTTP_PORT',
      bind: file,
      persona: file,
    });
  });

  it('has every option under the same name in the environment and in the file', async () => {
    const values: Record<Exclude<OptionKey, 'rootPassword' | 'loadDump' | 'rootPasswordFile'>, [raw: string, value: unknown]> = {
      host: ['emulated', { kind: 'emulated' }],
      emulate: [
        'hosts=3',
        expect.objectContaining({ hosts: [1, 2, 3].map((n) => expect.objectContaining({ name: `host-${n}` })) }),
      ],
      emulateFile: [join(directory, 'pool.yaml'), undefined],
      persona: ['xcp-1.6', expect.objectContaining({ id: 'xcp-1.6' })],
      domainType: ['qemu', 'qemu'],
      imageDir: [join(directory, 'images'), join(directory, 'images')],
      isoDir: [join(directory, 'iso'), join(directory, 'iso')],
      hostPower: ['on', true],
      bind: ['::1', '::1'],
      httpsPort: ['0', 0],
      httpPort: ['off', 'off'],
      nbdPort: ['0', 0],
      unixSocket: ['off', 'off'],
      dataDir: [directory, directory],
      store: ['memory', 'memory'],
      auth: ['pam', 'pam'],
      logLevel: ['debug', 'debug'],
      logFile: [join(directory, 'log'), join(directory, 'log')],
      sessionIdleTimeout: ['60', 60],
      maxSessions: ['7', 7],
    };
    await writeFile(join(directory, 'pool.yaml'), '{}');
    const keys = optionKeys.filter((key): key is keyof typeof values => key in values);
    expect(keys.length).toBe(Object.keys(values).length);
    await writeFile(file, keys.map((key) => `${optionName(key)}: ${values[key][0]}\n`).join(''));
    const fromFile = (await load()).config;
    await rm(file);
    const fromEnv = (await load({ env: Object.fromEntries(keys.map((key) => [variableName(key), values[key][0]])) })).config;
    const fromFlags = (await load({ flags: Object.fromEntries(keys.map((key) => [key, values[key][0]])) })).config;
    expect(fromEnv).toEqual(fromFile);
    expect(fromFlags).toEqual(fromFile);
    const { emulateFile: _read, ...expected } = values;
    expect(fromFile).toMatchObject(Object.fromEntries(Object.entries(expected).map(([key, [, value]]) => [key, value])));
  });

  it('reads JSON too, and the file that is named instead of the usual one', async () => {
    const named = join(directory, 'other.json');
    await writeFile(named, JSON.stringify({ 'https-port': 8443, emulate: { hosts: 2, 'vm-memory': '2GiB' } }));
    for (const given of [{ flags: { config: named } }, { env: { XENAPI_GATEWAY_CONFIG: named } }]) {
      expect((await load(given)).config).toMatchObject({
        httpsPort: 8443,
        emulate: { hosts: [{ name: 'host-1' }, { name: 'host-2' }] },
      });
    }
    expect(await messageOf({ flags: { config: join(directory, 'missing.yaml') } })).toContain(
      'missing.yaml: there is no such file',
    );
  });

  it('names the key and the source of everything that is wrong, at once', async () => {
    await writeFile(file, 'store: postgres\nhttp-prot: 80\n');
    const message = await messageOf({ flags: { httpsPort: '65536' }, env: { XENAPI_GATEWAY_BIND: 'example' } });
    expect(message).toContain('https-port (from --https-port): expected a whole number from 0 to 65535, got "65536"');
    expect(message).toContain('bind (from XENAPI_GATEWAY_BIND): expected an IP address or localhost, got "example"');
    expect(message).toContain(`store (from ${file}): expected one of sqlite, memory, got "postgres"`);
    expect(message).toContain(`http-prot (from ${file}): there is no such option: the options are host, `);
  });

  it.each([
    ['host', 'xen', 'expected emulated, libvirt or libvirt+URI'],
    ['host', 'libvirt+', 'expected emulated'],
    ['httpPort', 'on', 'or off'],
    ['httpsPort', '', 'whole number'],
    ['httpsPort', '1e3', 'whole number'],
    ['unixSocket', `/${'x'.repeat(107)}`, '107 bytes'],
    ['dataDir', 'a\nb', 'path'],
    ['persona', 'xen', 'xcp-ng-8.3'],
    ['sessionIdleTimeout', '0', '60'],
  ] as const)('refuses %s %j', async (key, value, message) => {
    expect(await messageOf({ flags: { [key]: value } })).toContain(message);
  });

  it.each([
    ['[1, 2]', 'expected a map'],
    ['a: [', 'is not YAML'],
    ['bind: 1.2.3.4\nbind: 1.2.3.5\n', 'is not YAML'],
    ['x'.repeat(2 ** 20 + 1), 'larger'],
  ])('refuses a file like %.20j', async (content, message) => {
    await writeFile(file, content);
    expect(await messageOf({})).toContain(message);
  });

  it('takes the password of root from the environment only, and does not repeat it', async () => {
    expect((await load({ env: { XENAPI_GATEWAY_ROOT_PASSWORD: 'top secret' } })).config.rootPassword).toBe('top secret');
    expect(await messageOf({ env: { XENAPI_GATEWAY_ROOT_PASSWORD: 'two\nlines' } })).not.toContain('two');
    await writeFile(file, 'root-password: find-me\n');
    const message = await messageOf({});
    expect(message).toContain('use XENAPI_GATEWAY_ROOT_PASSWORD, or root-password-file');
    expect(message).not.toContain('find-me');
  });

  it('refuses options that exclude each other', async () => {
    expect(await messageOf({ flags: { host: 'libvirt', emulate: 'vms=1' } })).toContain(
      'emulate (from --emulate): is for emulated hosts',
    );
    expect(await messageOf({ flags: { loadDump: '/dump', emulate: 'vms=1' } })).toContain('load-dump');
    const twice = { flags: { rootPasswordFile: '/x' }, env: { XENAPI_GATEWAY_ROOT_PASSWORD: 'x' } };
    expect(await messageOf(twice)).toContain('root-password-file (from --root-password-file)');
  });

  it('reads an emulated pool from a file, and lets the flag say single keys', async () => {
    const pool = join(directory, 'pool.yaml');
    const fault = { message: 'VM.start', probability: 0.5, error: ['HOST_NOT_ENOUGH_FREE_MEMORY', '1', '0'], delay: '2s' };
    await writeFile(pool, JSON.stringify({ hosts: 3, vms: [{ count: 30 }], faults: [fault] }));
    const faults = [{ ...fault, object: '*', error: { code: 'HOST_NOT_ENOUGH_FREE_MEMORY', params: ['1', '0'] }, delay: 2000 }];
    expect((await load({ flags: { emulateFile: pool } })).config.emulate).toMatchObject({
      hosts: [{}, {}, {}],
      vms: [{ count: 30 }],
      faults,
    });
    expect((await load({ flags: { emulateFile: pool, emulate: 'hosts=1' } })).config.emulate).toMatchObject({
      hosts: [{ name: 'host-1' }],
      vms: [{ count: 30 }],
      faults,
    });
  });

  it('keeps the usual pool where a file says only how it behaves', async () => {
    const pool = join(directory, 'pool.yaml');
    await writeFile(pool, 'delays: {start: 1s}\n');
    const { emulate } = (await load({ flags: { emulateFile: pool } })).config;
    expect(emulate).toMatchObject({ hosts: [{}, {}], vms: [{ count: 4 }], delays: { start: 1000, reboot: 0 } });
    const { emulate: dumped } = (await load({ flags: { emulateFile: pool, loadDump: '/dump' } })).config;
    expect(dumped.delays.start).toBe(1000);
  });

  it('names key and source of what is wrong with an emulated pool', async () => {
    const pool = join(directory, 'pool.yaml');
    await writeFile(
      pool,
      JSON.stringify({ faults: [{ message: 'VM.start', error: ['NO_SUCH_CODE'] }, { message: 'VM.start' }] }),
    );
    const message = await messageOf({ flags: { emulateFile: pool } });
    expect(message).toContain(`emulate-file (from ${pool}): faults.0.error.0: there is no error NO_SUCH_CODE`);
    expect(message).toContain(`emulate-file (from ${pool}): faults.1: expected an error, a delay, or both`);
    expect(await messageOf({ flags: { emulate: 'hosts=0' } })).toContain(
      'emulate (from --emulate): hosts: expected a whole number',
    );
    await writeFile(pool, JSON.stringify({ vms: [{ host: 4 }], srs: 1 }));
    const both = { emulateFile: pool, emulate: 'hosts=2' };
    expect(await messageOf({ flags: both })).toContain(`emulate (from ${pool}): vms.0.host: there is no host 4`);
    expect(await messageOf({ flags: { emulateFile: pool, emulate: 'running=1' } })).toContain(
      'emulate (from --emulate): running: is said in the groups of vms',
    );
    expect(await messageOf({ flags: { emulateFile: pool, loadDump: '/dump' } })).toContain(
      `emulate-file (from ${pool}): shapes a pool, and the pool comes from load-dump already`,
    );
  });
});
