import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe } from 'vitest';
import { srLife } from '../sr-life/sr-life.js';
import { srOnDevice } from './support/block-device.js';
import { kvmGateway } from './support/gateway.js';
import { hostSrGateway } from './support/sr-gateway.js';

// SRs whose disks are files, and that need nothing of the kernel that a small one does not have.
const gateway = kvmGateway();
const lives = hostSrGateway(gateway);

describe('an SR of type file', () => {
  let location = '';
  beforeAll(async () => {
    location = join(gateway.host.directory, 'file-sr');
    await mkdir(location);
  });

  srLife(
    lives,
    () => ({
      type: 'file',
      deviceConfig: { location },
      shared: false,
      held: async () => [],
      content: () => readdir(location, { recursive: true }),
    }),
    { boots: 'reverted', crash: false },
  );
});

describe('an SR of type xfs', () => {
  srLife(lives, srOnDevice(gateway, 'xfs'), { boots: 'reverted', crash: false });
});
