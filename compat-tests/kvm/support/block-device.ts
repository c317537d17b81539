import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { execute } from '../../../test-support/libvirt/execute.js';
import type { SrUnderTest } from '../../sr-life/sr-gateway.js';
import type { KvmGateway } from './gateway.js';

/** Size of a device, in bytes; nothing of it is written. */
const SIZE = 2 ** 30;

/** An SR on a block device of this machine whose content is a file. The device is there while the tests around this run. */
export function srOnDevice(gateway: KvmGateway, type: 'ext' | 'xfs'): () => SrUnderTest {
  let device = '';

  beforeAll(async () => {
    const image = join(gateway.host.directory, `device-${type}`);
    const file = await open(image, 'w');
    await file.truncate(SIZE);
    await file.close();
    device = (await execute('losetup', ['--find', '--show', image])).trim();
  });
  afterAll(async () => {
    if (device !== '') await execute('losetup', ['--detach', device]);
  });

  return () => ({
    type,
    deviceConfig: { device },
    shared: false,
    async held() {
      const mounts = await readFile(`/proc/${gateway.daemon.process.pid}/mounts`, 'utf8');
      return mounts.split('\n').filter((line) => line.startsWith(`${device} `));
    },
    content: () => execute('wipefs', ['--no-act', device]),
  });
}
