import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../world.js';
import { readSettings, type Settings } from './settings.js';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'xe-settings-'));
});
afterAll(() => rmSync(home, { recursive: true }));

const complaints: string[] = [];

function read(args: readonly string[], env: World['env'] = {}): Settings {
  const nothing = new PassThrough();
  const world: World = { env, directory: home, administrator: false, stdin: nothing, stdout: nothing, stderr: nothing };
  complaints.length = 0;
  return readSettings(args, world, (line) => complaints.push(line));
}

function withRcFile(text: string): World['env'] {
  writeFileSync(join(home, '.xe'), text);
  return { HOME: home };
}

describe('the command line', () => {
  it('asks this machine, as root, when it says nothing else', () => {
    expect(read(['vm-list'])).toEqual({
      server: '127.0.0.1',
      port: undefined,
      user: 'root',
      password: 'null',
      tls: true,
      debug: false,
      debugOnFail: false,
      traceparent: undefined,
      words: ['vm-list'],
    });
  });

  it('takes no word for an option because the language has something of that name', () => {
    const words = ['constructor', '__proto__', 'toString', 'uuid=x'];
    expect(read(words).words).toEqual(words);
  });

  it('takes options from anywhere and leaves the rest as it is', () => {
    const line = [
      'vm-start',
      '-s',
      'h',
      '--force',
      '-p',
      '8443',
      'uuid=x',
      '-u',
      'me',
      '--minimal',
      '-pw',
      'p=w',
      '--nossl',
      '--debug',
    ];
    expect(read([...line, '--debug-on-fail', '--traceparent', 't', 'a'])).toMatchObject({
      server: 'h',
      port: 8443,
      user: 'me',
      password: 'p=w',
      tls: false,
      debug: true,
      debugOnFail: true,
      traceparent: 't',
      words: ['vm-start', '--force', 'uuid=x', '--minimal', 'a'],
    });
  });

  it('takes them as name=value too, and -h for -s', () => {
    const line = [
      'server=a',
      'port=1',
      'username=u',
      'password=',
      'nossl=true',
      'debug=true',
      'debugonfail=true',
      'traceparent=t',
      'x',
    ];
    expect(read(line)).toMatchObject({ server: 'a', port: 1, user: 'u', password: '', tls: false, debug: true, words: ['x'] });
    expect(read(['-h', 'b', 'x']).server).toBe('b');
    expect(read(['-s', '[::1]', 'x']).server).toBe('::1');
  });

  it('leaves an option without a value to the server', () => {
    expect(read(['vm-list', '-s']).words).toEqual(['vm-list', '-s']);
  });

  it.each(['0', '65536', 'http', '-1', ''])('refuses port %j', (port) => {
    expect(() => read(['-p', port, 'vm-list'])).toThrow('from 1 to 65535');
  });

  it('reads user and password from a file', () => {
    writeFileSync(join(home, 'secret'), 'someone\r\nhush\nmore\n');
    expect(read(['-u', 'other', '-pwf', 'secret', 'x'])).toMatchObject({ user: 'someone', password: 'hush' });
    writeFileSync(join(home, 'secret'), 'someone');
    expect(() => read(['-pwf', 'secret'])).toThrow('needs a user and a password');
    expect(() => read(['-pwf', 'none'])).toThrow('Unable to read the password file');
  });
});

describe('the surroundings', () => {
  it('come after the command line, the variable before the file', () => {
    const env = {
      ...withRcFile('server=file\nusername=file\npassword=file\n\nextra=1\n'),
      XE_EXTRA_ARGS: 'username=var,password=var,--minimal',
    };
    expect(read(['vm-list', '-pw', 'line'], env)).toMatchObject({
      server: 'file',
      user: 'var',
      password: 'line',
      words: ['vm-list', '--minimal', 'extra=1'],
    });
  });

  it('keep commas that have a backslash, and no backslash', () => {
    expect(read([], { XE_EXTRA_ARGS: 'a=1\\,2,,b=\\\\c,-s,h' })).toMatchObject({ server: 'h', words: ['a=1,2', 'b=c'] });
  });

  it('lose a whole file with one bad line', () => {
    expect(read(['x'], withRcFile('server=file\nnonsense\n')).server).toBe('127.0.0.1');
    expect(complaints).toEqual(['Error parsing rc file. No defaults loaded']);
  });

  it('give the trace, which only the command line overrides', () => {
    const env = { ...withRcFile('traceparent=file\n'), XE_EXTRA_ARGS: 'traceparent=extra', TRACEPARENT: 'var' };
    expect(read([], env).traceparent).toBe('var');
    expect(read(['--traceparent', 'line'], env).traceparent).toBe('line');
  });
});
