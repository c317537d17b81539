import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { PASSWORD } from '../test-support/daemon.js';
import { testPool } from './support/pool.js';
import { describeWith, FENCE_MODULES, PYTHON, runProgram } from './support/program.js';

// The Python module XenAPI that Debian's fence agents bring: the client of countless scripts.
const SCRIPT = fileURLToPath(new URL('./python/session.py', import.meta.url));
const pool = testPool({ emulate: 'hosts=1,vms=3' });

describeWith(`${FENCE_MODULES}/XenAPI.py`)('XenAPI.py', () => {
  for (const scheme of ['http', 'https'] as const) {
    it(`serves a script over ${scheme}`, async () => {
      const url = pool.daemon[scheme].replace('127.0.0.1', 'localhost');
      const env = { PYTHONPATH: FENCE_MODULES, SSL_CERT_FILE: pool.daemon.certificatePath };
      const { status, stdout, stderr } = await runProgram(PYTHON, [SCRIPT, url, 'root', PASSWORD], env);
      expect(stderr).toBe('');
      expect(status).toBe(0);
      const vm = await pool.find('VM', 'vm-1');
      expect(JSON.parse(stdout)).toEqual({
        api_version: '2.21',
        vms: ['vm-1', 'vm-2', 'vm-3'],
        types: {
          is_a_template: 'bool',
          memory_static_max: 'str',
          VBDs: 'list',
          platform: 'dict',
          snapshot_time: 'DateTime',
          metrics: 'str',
          name_label: 'str',
        },
        void: '',
        created: expect.stringMatching(/^(19|20)$/),
        task: { status: 'success', name: 'Async.VM.start' },
        destroyed_task: ['HANDLE_INVALID', 'task', expect.stringMatching(/^OpaqueRef:/)],
        power_state: 'Running',
        first_operations: ['add'],
        descriptions: [`seen over ${scheme}`],
        counts: true,
        quiet: { events: [], waited: true },
        next: [['add', true]],
        unknown: ['HANDLE_INVALID', 'VM', 'OpaqueRef:nothing'],
        halted: ['VM_BAD_POWER_STATE', vm, 'halted', 'running'],
        after_logout: 'vm-1',
        wrong: ['SESSION_AUTHENTICATION_FAILED', 'root', expect.any(String)],
      });
    });
  }
});
