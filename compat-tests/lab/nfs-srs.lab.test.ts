import { describe } from 'vitest';
import { srLife } from '../sr-life/sr-life.js';
import { labGateway } from './support/lab-gateway.js';
import { labSr } from './support/lab-sr.js';

const gateway = labGateway();

describe.each([
  ['4.2', { boots: 'reverted', crash: false }],
  ['3', { boots: 'once', crash: false, brief: true }],
] as const)('an SR of type nfs with version %s', (nfsversion, course) => {
  const sr = labSr(gateway, async () => {
    const { server, path } = await gateway.storage.serveDirectory(`srs-${nfsversion}`);
    return {
      type: 'nfs',
      deviceConfig: { server, serverpath: path, nfsversion },
      shared: true,
      content: () => gateway.machine.run('find', [path]),
    };
  });
  srLife(gateway, sr, course);
});
