import { describe } from 'vitest';
import { srLife } from '../sr-life/sr-life.js';
import { srOnDevice } from './support/block-device.js';
import { kvmGateway } from './support/gateway.js';
import { hostSrGateway } from './support/sr-gateway.js';

// An SR on a whole block device, formatted by the gateway.
describe('an SR of type ext', () => {
  const gateway = kvmGateway();
  srLife(hostSrGateway(gateway), srOnDevice(gateway, 'ext'), { boots: 'reverted and clone', crash: true });
});
