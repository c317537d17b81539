import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { Dispatcher } from '../../api/dispatcher.js';
import { type ApiFixture, apiFixture } from '../../api/testing/fixture.js';
import { ApiError } from '../../model/error.js';
import { XeProtocolError } from '../../wire/xe/protocol-error.js';
import type { Command } from '../command.js';
import { ClientWordedError, CommandExit, CommandFailure, MissingParameter } from '../failure.js';
import { RecordingClient } from '../testing/recording-client.js';
import { CommandLines } from './command-lines.js';
import { WORD_LIMIT } from './limits.js';

const LOCAL = { local: true, address: 'unix' };
const REMOTE = { local: false, address: '192.0.2.7' };
const USAGE = "For usage run: 'xe help'\n";

let fixture: ApiFixture;
let work: Command['run'];
let lines: CommandLines;
let logged: string[];

beforeEach(async () => {
  fixture = await apiFixture();
  work = () => undefined;
  logged = [];
  const command: Command = {
    name: 'thing-do',
    required: ['uuid', 'device'],
    optional: [],
    description: 'Does the thing.',
    run: (context) => work(context),
  };
  const listing: Command = { ...command, name: 'thing-list', required: [] };
  const emergency: Command = { ...command, name: 'thing-emergency', required: [], session: 'local' };
  const log = pino({ level: 'info' }, { write: (line: string) => logged.push(line) });
  lines = new CommandLines(
    new Dispatcher(fixture.api),
    new Map([command, listing, emergency].map((one) => [one.name, one])),
    log,
  );
});

async function run(words: readonly string[], from = LOCAL): Promise<{ code: number; out: string; err: string }> {
  const client = new RecordingClient();
  const code = await lines.run(words, client, from);
  return { code, out: client.out, err: client.err };
}

const sessions = () => [...fixture.api.sessions.list()].length;

describe('what is wrong with a command line is told in this order', () => {
  it('its syntax, without a login', async () => {
    expect(await run(['thing-do', '-x', 'y'], REMOTE)).toEqual({ code: 1, out: '', err: `Syntax error: \n${USAGE}` });
    expect(await run(['a=b'], REMOTE)).toEqual({ code: 1, out: '', err: `Syntax error: \n${USAGE}` });
  });

  it('an unknown command, without a login', async () => {
    expect(await run(['nonsense'], REMOTE)).toEqual({ code: 1, out: '', err: `Unknown command: nonsense\n${USAGE}` });
    expect(await run([''], REMOTE)).toEqual({ code: 1, out: '', err: `Unknown command: \n${USAGE}` });
  });

  it('the first parameter that is missing, without a login', async () => {
    const told = { code: 1, out: '', err: `Required parameter not found: device\n${USAGE}` };
    expect(await run(['thing-do', 'uuid=1'], REMOTE)).toEqual(told);
    expect((await run(['thing-do'], REMOTE)).err).toContain('not found: uuid');
  });

  it('the login', async () => {
    const words = ['thing-do', 'uuid=1', 'device=2'];
    expect(await run([...words, 'username=root', 'password=x'], REMOTE)).toEqual({
      code: 1,
      out: '',
      err: `Authentication failed\n${USAGE}`,
    });
    expect((await run(words, REMOTE)).err).toBe(`Username/password must be specified\n${USAGE}`);
  });
});

describe('a command line of more words than anybody types', () => {
  it('is refused before anything is done for it', async () => {
    const words = ['thing-list', ...Array.from({ length: WORD_LIMIT }, () => 'a=b')];
    const { code, err } = await run(words);
    expect({ code, usage: err.endsWith(USAGE) }).toEqual({ code: 1, usage: true });
    expect(logged).toEqual([]);
    expect((await run(words.slice(0, WORD_LIMIT))).code).toBe(0);
  });
});

describe('help', () => {
  it('needs no login', async () => {
    const { code, out } = await run(['help', 'thing-do'], REMOTE);
    expect(code).toBe(0);
    expect(out).toContain('        reqd params     : uuid, device\n');
  });
});

describe('the session of a command', () => {
  it('ends with it, whatever comes of it', async () => {
    const before = sessions();
    let during = 0;
    work = () => {
      during = sessions();
    };
    await run(['thing-list']);
    expect(during).toBe(before + 1);
    work = () => Promise.reject(new Error('broken'));
    await run(['thing-list']);
    expect(sessions()).toBe(before);
  });

  it('is told to be of the command line', async () => {
    work = ({ api, printer }) => printer.lines(api.get('session', api.session, 'originator'));
    expect((await run(['thing-list'])).out).toBe('cli\n');
  });

  it('that exists already is used and stays', async () => {
    const before = sessions();
    work = ({ api, printer }) => printer.lines(api.session);
    const { code, out } = await run([`session_id=${fixture.session.ref}`, 'thing-list'], REMOTE);
    expect({ code, out }).toEqual({ code: 0, out: `${fixture.session.ref}\n` });
    expect(sessions()).toBe(before);
  });

  it('that does not exist is an error of the API', async () => {
    work = ({ api }) => void api.records('VM');
    const { code, err } = await run(['session_id=OpaqueRef:none', 'thing-list'], REMOTE);
    expect(code).toBe(1);
    expect(err).toContain('\nhandle: OpaqueRef:none\n');
  });

  it('that exists already does not lead past a limit of calls', async () => {
    const { db } = fixture.api;
    const limit = db.create('Rate_limit', { burst_size: 1, fill_rate: 0.000_001 });
    db.create('Caller', { client_ip: REMOTE.address, rate_limit: limit });
    const words = [`session_id=${fixture.session.ref}`, 'thing-list'];
    work = ({ api }) => void [api.records('VM'), api.records('SR')];
    expect((await run(words, REMOTE)).code).toBe(0);
    const second = run(words, REMOTE);
    expect(await Promise.race([second, new Promise((resolve) => setTimeout(resolve, 100, 'held'))])).toBe('held');
  });

  it('may be one without a pool', async () => {
    work = ({ api, printer }) =>
      printer.lines(String([...fixture.api.sessions.list()].find((s) => s.ref === api.session)?.local));
    expect((await run(['thing-emergency'])).out).toBe('true\n');
  });
});

describe('an error', () => {
  const failing = (thrown: unknown): Promise<{ code: number; out: string; err: string }> => {
    work = () => Promise.reject(thrown);
    return run(['thing-list']);
  };

  it('of the API has a sentence and a line for each parameter', async () => {
    expect(await failing(new ApiError('UUID_INVALID', 'VM', 'zz'))).toEqual({
      code: 1,
      out: '',
      err: 'The uuid you supplied was invalid.\ntype: VM\nuuid: zz\n',
    });
  });

  it('names objects by uuid and name', async () => {
    const uuid = fixture.api.db.get('host', fixture.host).uuid;
    const { err } = await failing(new ApiError('HOST_OFFLINE', fixture.host));
    expect(err.split('\n').slice(1)).toEqual([`host: ${uuid} (host one)`, '']);
  });

  it('may have more values than labels, or fewer', async () => {
    expect((await failing(new ApiError('HOST_OFFLINE', 'a', 'b'))).err).toMatch(/\nhost: a\n<extra>: b\n$/);
    expect((await failing(new ApiError('HOST_OFFLINE'))).err).toMatch(/\nhost: <unknown>\n$/);
    expect((await failing(new ApiError('VMS_FAILED_TO_COOPERATE', 'a', 'b'))).err).toMatch(/\nVM: a\nVM: b\n$/);
  });

  it('that the command line does not know is worded by the client', async () => {
    expect((await failing(new ApiError('CLIENT_ERROR'))).err).toBe('Error code: CLIENT_ERROR\nError parameters: \n');
    expect((await failing(new ApiError('SR_BACKEND_FAILURE_46', '', 'no such VDI'))).err).toBe(
      'Error code: SR_BACKEND_FAILURE_46\nError parameters: , no such VDI\n',
    );
    expect((await failing(new ClientWordedError('Missing parameter', 'x'))).err).toBe(
      'Error code: Missing parameter\nError parameters: x\n',
    );
  });

  it('of the command itself is its text', async () => {
    expect((await failing(new CommandFailure('No.'))).err).toBe('Error: No.\n');
    expect((await failing(new MissingParameter('x'))).err).toBe(`Required parameter not found: x\n${USAGE}`);
  });

  it('that nobody expected is an internal one, and in the log', async () => {
    const { code, err } = await failing(new Error('broken'));
    expect(code).toBe(1);
    expect(err).toMatch(/\nmessage: broken\n$/);
    expect(logged.join('')).toContain('a command failed unexpectedly');
  });

  it('may be an exit code and nothing else', async () => {
    expect(await failing(new CommandExit(3))).toEqual({ code: 3, out: '', err: '' });
  });

  it('of the connection is nothing to tell', async () => {
    await expect(failing(new XeProtocolError('gone'))).rejects.toThrow('gone');
  });

  it('is traced on demand, after everything else', async () => {
    work = () => Promise.reject(new ApiError('HOST_OFFLINE', 'a'));
    const { err } = await run(['thing-list', '--trace']);
    expect(err).toMatch(/\nhost: a\nRaised ApiError: HOST_OFFLINE \[a\]\nBacktrace:\n$/);
  });
});

describe('--minimal', () => {
  it('prints when the command has succeeded, an empty line for nothing, and nothing after an error', async () => {
    expect((await run(['thing-list', '--minimal'])).out).toBe('\n');
    work = ({ printer }) => printer.lines('a,b', 'c');
    expect((await run(['thing-list', 'minimal=true'])).out).toBe('a\\,b,c\n');
    work = ({ printer }) => {
      printer.lines('a');
      throw new CommandFailure('No.');
    };
    expect(await run(['thing-list', '--minimal'])).toEqual({ code: 1, out: '', err: 'Error: No.\n' });
  });

  it('is true or false', async () => {
    const { code, err } = await run(['thing-list', 'minimal=yes']);
    expect(code).toBe(1);
    expect(err).toContain('minimal is true or false, not yes');
  });
});

describe('the log', () => {
  it('has neither password nor secret', async () => {
    await run(['thing-do', 'uuid=1', 'device=2', 'username=root', 'password=hush', 'config:key=hush', 'new=hush']);
    const line = logged.find((one) => one.includes('thing-do')) ?? '';
    expect(line).toContain('uuid=1');
    expect(line).not.toContain('hush');
  });

  it('has lists at debug level only', async () => {
    await run(['thing-list']);
    expect(logged.join('')).not.toContain('thing-list');
  });
});
