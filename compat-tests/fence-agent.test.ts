import { expect, it } from 'vitest';
import { PASSWORD } from '../test-support/daemon.js';
import { testPool } from './support/pool.js';
import { describeWith, type Outcome, runProgram } from './support/program.js';

// The fence agent of Debian, as a cluster calls it. Its exit status: 0 done or running, 1 failed, 2 halted.
const AGENT = '/usr/sbin/fence_xenapi';
const pool = testPool({ emulate: 'hosts=1,vms=3,running=1' });

type Scheme = 'http' | 'https';

/** The agent always checks the certificate: it is told which one to trust. */
function fence(scheme: Scheme, ...args: readonly string[]): Promise<Outcome> {
  const url = pool.daemon[scheme].replace('127.0.0.1', 'localhost');
  const common = ['--session-url', url, '--username', 'root', '--password', PASSWORD, '--power-wait', '0'];
  return runProgram(AGENT, [...common, ...args], { SSL_CERT_FILE: pool.daemon.certificatePath });
}

async function powerState(name: string): Promise<unknown> {
  return pool.rpc.call('VM.get_power_state', await pool.find('VM', name));
}

describeWith(AGENT)('fence_xenapi', () => {
  for (const scheme of ['http', 'https'] as const) {
    it(`tells by its exit status whether a VM runs, over ${scheme}`, async () => {
      expect(await fence(scheme, '--action', 'status', '--plug', 'vm-1')).toMatchObject({ status: 0, stdout: 'Status: ON\n' });
      expect(await fence(scheme, '--action', 'status', '--plug', 'vm-2')).toMatchObject({ status: 2, stdout: 'Status: OFF\n' });
    });

    it(`switches a VM on, off and over, over ${scheme}`, async () => {
      const uuid = String(await pool.rpc.call('VM.get_uuid', await pool.find('VM', 'vm-2')));
      expect(await fence(scheme, '--action', 'on', '--plug', 'vm-2')).toMatchObject({ status: 0 });
      expect(await powerState('vm-2')).toBe('Running');
      expect(await fence(scheme, '--action', 'reboot', '--plug', uuid.toUpperCase())).toMatchObject({ status: 0 });
      expect(await powerState('vm-2')).toBe('Running');
      expect(await fence(scheme, '--action', 'off', '--plug', uuid)).toMatchObject({ status: 0 });
      expect(await powerState('vm-2')).toBe('Halted');
    });
  }

  it('lists the VMs and no templates or control domains', async () => {
    const { status, stdout } = await fence('http', '--action', 'list');
    expect(status).toBe(0);
    const names = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(',')[1]);
    expect(names.sort()).toEqual(['vm-1', 'vm-2', 'vm-3']);
  });

  it('monitors the pool', async () => {
    expect(await fence('http', '--action', 'monitor')).toMatchObject({ status: 0 });
  });

  it('fails for an unknown name, a wrong password and a certificate that it does not know', async () => {
    expect(await fence('http', '--action', 'status', '--plug', 'no such VM')).toMatchObject({ status: 1 });
    expect(await fence('http', '--action', 'status', '--plug', 'vm-1', '--password', 'wrong')).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('SESSION_AUTHENTICATION_FAILED'),
    });
    const strange = await runProgram(AGENT, [
      '--session-url',
      pool.daemon.https,
      '--username',
      'root',
      '--password',
      PASSWORD,
      '--action',
      'status',
      '--plug',
      'vm-1',
    ]);
    expect(strange).toMatchObject({ status: 1, stdout: expect.stringContaining('CERTIFICATE_VERIFY_FAILED') });
  });

  it('takes its options from standard input, as a cluster manager gives them', async () => {
    const options = `action=status\nsession_url=${pool.daemon.http}\nlogin=root\npasswd=${PASSWORD}\nport=vm-3\n`;
    expect(await runProgram(AGENT, [], {}, options)).toMatchObject({ status: 2 });
  });
});
