import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Daemon, type DaemonOptions, DaemonProcess, newDataDir, remove } from '../test-support/daemon.js';
import { Rpc } from '../test-support/rpc.js';

let dataDir: string;
beforeEach(async () => {
  dataDir = await newDataDir();
});
afterEach(() => remove(dataDir));

/** What a start that is refused says. Fails when it is not refused. */
async function refusal(options?: DaemonOptions): Promise<string> {
  const process = DaemonProcess.spawn(dataDir, options);
  const served = process.serving().then(
    () => true,
    () => false,
  );
  if (await served) {
    await process.kill();
    throw new Error('the daemon serves');
  }
  expect((await process.ended).code).toBeGreaterThan(0);
  return process.output;
}

describe('a data directory', () => {
  it('is not shared by two daemons, and the first one goes on', async () => {
    const daemon = await Daemon.start(dataDir);
    expect(await refusal()).toMatch(/daemon\.lock is locked by another process/);
    expect(daemon.isAnnounced).toBe(true);
    const rpc = await Rpc.login(daemon);
    expect(await rpc.call('host.get_all')).toHaveLength(1);
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
  });

  it('that cannot be made or written is named', async () => {
    const file = join(dataDir, 'a file');
    await writeFile(file, '');
    expect(await refusal({ args: ['--data-dir', join(file, 'below')] })).toContain(file);
  });
});

describe('a database that cannot be used is refused, named and left as it is:', () => {
  const path = () => join(dataDir, 'state.db');

  async function stopped(): Promise<Buffer> {
    const daemon = await Daemon.start(dataDir);
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
    return readFile(path());
  }

  it('one that is overwritten with something else', async () => {
    await stopped();
    const garbage = Buffer.from('this was a database\n'.repeat(1000));
    await writeFile(path(), garbage);
    expect(await refusal()).toMatch(/state\.db is damaged or not a database/);
    expect(await readFile(path())).toEqual(garbage);
  });

  it('one with damaged pages', async () => {
    const whole = await stopped();
    const damaged = Buffer.from(whole);
    // All but the first page, so that it still looks like a database at first.
    damaged.fill(0xa5, 4096);
    await writeFile(path(), damaged);
    expect(await refusal()).toMatch(/state\.db is damaged/);
    // Opening counts up in the first page; the pages that somebody may want to rescue something from are untouched.
    expect((await readFile(path())).subarray(4096)).toEqual(damaged.subarray(4096));
  });

  it('one that is cut off', async () => {
    const whole = await stopped();
    const half = whole.subarray(0, Math.floor(whole.length / 8192) * 4096);
    await writeFile(path(), half);
    expect(await refusal()).toMatch(/state\.db is damaged/);
    expect(await readFile(path())).toEqual(half);
  });

  it('one of another program', async () => {
    const database = new SQLite(path());
    database.exec('CREATE TABLE notes (text TEXT)');
    database.close();
    expect(await refusal()).toMatch(/state\.db is a database of another program/);
  });

  it('one of a later version', async () => {
    await stopped();
    const database = new SQLite(path());
    database.pragma('user_version = 4711');
    database.close();
    expect(await refusal()).toMatch(/state\.db has format 4711/);
  });
});

describe('a configuration that makes no sense is refused with the name of the option:', () => {
  const wrong: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [['--emulate', 'hosts=0'], /emulate.*hosts/],
    [['--http-port', '99999'], /http-port/],
    [['--persona', 'nobody'], /persona.*xcp-ng/],
    [['--no-such-option'], /no-such-option/],
    [['--root-password-file', '/no/such/file'], /root-password-file/],
  ];
  for (const [args, says] of wrong) {
    it(args.join(' '), async () => {
      // A command line that says nothing else of the password.
      expect(await refusal({ args, env: { XENAPI_GATEWAY_ROOT_PASSWORD: '' } })).toMatch(says);
    });
  }
});
