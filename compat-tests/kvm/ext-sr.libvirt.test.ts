import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { execute } from '../../test-support/libvirt/execute.js';
import { kvmGateway } from './support/gateway.js';
import { srLife } from './support/sr-life.js';

// An SR on a whole block device, formatted by the gateway: here one whose content is a file.
const SIZE = 2 ** 30;

describe('an SR of type ext', () => {
  const gateway = kvmGateway();
  let device = '';

  beforeAll(async () => {
    const image = join(gateway.host.directory, 'device');
    const file = await open(image, 'w');
    await file.truncate(SIZE);
    await file.close();
    device = (await execute('losetup', ['--find', '--show', image])).trim();
  });
  afterAll(async () => {
    if (device !== '') await execute('losetup', ['--detach', device]);
  });

  srLife(gateway, () => ({
    type: 'ext',
    deviceConfig: { device },
    shared: false,
    async traces() {
      const mounts = await readFile(`/proc/${gateway.daemon.process.pid}/mounts`, 'utf8');
      return {
        held: mounts.split('\n').filter((line) => line.startsWith(`${device} `)),
        signatures: await execute('wipefs', ['--no-act', device]),
      };
    },
  }));
});
