import { afterAll, describe } from 'vitest';
import { refIn } from '../../kvm/support/client-cache.js';
import { srLife } from '../../sr-life/sr-life.js';
import { type LabGateway, labGateway } from './lab-gateway.js';
import { labSr } from './lab-sr.js';

/** Size of a unit for an SR with several VMs, in MiB. */
const LARGE = 4096;

/** The life of an SR of a type that keeps a volume group on a unit, which is reached over two ways. */
export function unitGroupLife(
  type: string,
  makeUnit: (gateway: LabGateway, size: number) => Promise<Readonly<Record<string, string>>>,
): void {
  const gateway = labGateway();

  const multipathing = (isOn: boolean): Promise<unknown> =>
    gateway.xapi.call('host.set_multipathing', refIn(gateway.xapi.pool, 'master'), isOn);

  describe(`an SR of type ${type}`, () => {
    const sr = labSr(gateway, async () => {
      await multipathing(true);
      return { type, deviceConfig: await makeUnit(gateway, LARGE), shared: true };
    });
    afterAll(async () => {
      await multipathing(false);
    });
    srLife(gateway, sr, { boots: 'reverted', crash: false });
  });
}
