import { mkdir, readFile, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Daemon, newDataDir, PASSWORD, remove } from '../test-support/daemon.js';
import { type Outcome, runProgram } from './support/program.js';

const XE = fileURLToPath(new URL('../dist/xe.js', import.meta.url));
const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

let dataDir: string;
let daemon: Daemon;
let programs: string;

beforeAll(async () => {
  dataDir = await newDataDir();
  daemon = await Daemon.start(dataDir);
  programs = join(dataDir, 'programs');
  await mkdir(programs);
  await symlink(XE, join(programs, 'xe'));
});
afterAll(async () => {
  await remove(dataDir);
});

const credentials = ['-u', 'root', '-pw', PASSWORD];

/** Options and variables of the three ways to one gateway. */
function ways(): readonly { readonly options: readonly string[]; readonly env: Readonly<Record<string, string>> }[] {
  const socket = join(dataDir, 'xenapi.sock');
  return [
    { options: ['-s', '127.0.0.1', '-p', String(daemon.port), ...credentials], env: {} },
    { options: ['-s', 'localhost', '-p', new URL(daemon.https).port, ...credentials], env: {} },
    { options: [], env: { XE_UNIX_SOCKET: socket } },
  ];
}

function shell(script: string): Promise<Outcome> {
  const env = { PATH: `${programs}:${process.env.PATH}`, XE_UNIX_SOCKET: join(dataDir, 'xenapi.sock'), LC_ALL: 'C.UTF-8' };
  return runProgram('bash', ['--norc', '--noprofile', '-c', script], env);
}

describe('the client', () => {
  it('is a program by itself and a part of the gateway', async () => {
    for (const words of [[XE], [MAIN, 'xe']]) {
      const version = await runProgram(process.execPath, [...words, '-version']);
      expect(version).toEqual({ status: 0, stdout: 'ThinCLI protocol: 0.2\n', stderr: '' });
    }
    expect((await stat(XE)).mode & 0o111).toBe(0o111);
  });

  it('reaches a gateway by network, with TLS and by its socket', async () => {
    for (const { options, env } of ways()) {
      const found = await runProgram(XE, [...options, 'vm-list', 'params=name-label', 'name-label=vm-1', '--minimal'], env);
      expect(found).toEqual({ status: 0, stdout: 'vm-1\n', stderr: '' });
    }
  });

  it('tells the certificate that the gateway tells', async () => {
    const [, tls] = ways();
    const { status, stdout } = await runProgram(XE, [...(tls?.options ?? []), '--fingerprint']);
    expect(status).toBe(0);
    expect(daemon.process.output).toContain(stdout.trim());
  });

  it('fetches what the gateway gives it, by the same way', async () => {
    for (const [i, { options, env }] of ways().entries()) {
      const path = join(dataDir, `dump-${i}`);
      expect(await runProgram(XE, [...options, 'pool-dump-database', `file-name=${path}`], env)).toMatchObject({
        status: 0,
        stderr: '',
      });
      expect(await readFile(path, 'utf8')).toContain('vm-1');
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      const again = await runProgram(XE, [...options, 'pool-dump-database', `file-name=${path}`], env);
      expect(again).toMatchObject({ status: 1, stderr: expect.stringContaining('File exists') });
    }
  });

  it('says nothing when its reader has seen enough', async () => {
    const { stdout, stderr } = await shell('for i in 1 2 3 4 5; do xe vm-list params=all | head -1; done');
    expect(stdout.trim().split('\n')).toHaveLength(5);
    expect(stderr).toBe('');
  });

  it('completes what the gateway knows', async () => {
    const lines = ['xe vm-rebo', 'xe vm-start vm=vm-', 'xe vm-param-add param-name=ta', 'xe vm-list power-'];
    const tries = lines.map(
      (line) => `COMP_LINE='${line}' COMP_POINT=${line.length} COMP_TYPE=9; _xe xe; echo "\${COMPREPLY[*]}"`,
    );
    const { stdout } = await shell([`source <(xe --completion bash)`, ...tries].join('\n'));
    expect(stdout.split('\n').map((line) => line.split(' ').sort().join(' '))).toEqual([
      'vm-reboot',
      'vm-1 vm-2 vm-3 vm-4',
      'tags',
      'power-state=',
      '',
    ]);
  });
});
