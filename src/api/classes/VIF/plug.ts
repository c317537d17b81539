import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { Handler } from '../../behaviour.js';
import type { Call } from '../../call.js';
import { attachNetwork } from '../../network/attach.js';
import { isBondMember } from '../../network/bring-up.js';
import { exclusively } from '../../network/exclusive.js';
import { assertNoVlanInNetwork } from '../../network/pif-checks.js';
import { pifsOnHost } from '../../network/pif-kind.js';
import { isVifActive, moveVif } from '../../network/vif-moves.js';
import { target } from '../../operations/operations.js';
import { seesNetwork } from '../../placement/visibility.js';
import { nicSpec } from '../../world/domain-spec.js';

/** VIF.plug: gives a running VM the card. */
export const plug: Handler<'VIF', 'plug'> = ({ api, task }, self) =>
  api.operations.run(task, [target('VIF', self, 'plug')], async () => {
    const { db } = api;
    const { VM, network } = db.get('VIF', self);
    const { uuid, resident_on: host } = db.get('VM', VM);
    const { compute } = api.hosts.get(host);
    await attachNetwork(api, network, host);
    await compute.attachNic(uuid, nicSpec(db, db.get('VIF', self)));
    db.set('VIF', self, { currently_attached: true });
  });

function unplugWith(force: boolean): Handler<'VIF', 'unplug'> {
  return ({ api, task }, self) =>
    api.operations.run(task, [target('VIF', self, 'unplug')], async () => {
      const { db } = api;
      const { VM, uuid: card } = db.get('VIF', self);
      const { uuid, resident_on } = db.get('VM', VM);
      try {
        await api.hosts.get(resident_on).compute.detachNic(uuid, card, force);
      } catch (thrown) {
        // The host does not know the card: it is out, whatever the record said.
        if (!(thrown instanceof ApiError) || thrown.code !== 'DEVICE_ALREADY_DETACHED') throw thrown;
      }
      db.set('VIF', self, { currently_attached: false, reserved: false });
    });
}

/** VIF.unplug: the guest has to let go of the card. */
export const unplug = unplugWith(false);
/** VIF.unplug_force: the guest is not asked. */
export const unplugForce: Handler<'VIF', 'unplug_force'> = unplugWith(true);

/** VIF.move: joins the card to another network, also while the VM runs. */
export const move: Handler<'VIF', 'move'> = async ({ api }, self, network) => {
  const { db } = api;
  const { VM, trunks } = db.get('VIF', self);
  db.get('network', network);
  const host = db.get('VM', VM).resident_on;
  const active = isVifActive(api, self);
  if (active) assertReachable(api, network, host);
  if (trunks.length) assertNoVlanInNetwork(db, network);
  if (!active) return moveVif(api, self, network);
  await exclusively(api, host, () => moveVif(api, self, network));
};

function assertReachable({ db }: Call['api'], network: Ref<'network'>, host: Ref<'host'>): void {
  const bonded = pifsOnHost(db, network, host).some((pif) => isBondMember(db.get('PIF', pif)));
  if (bonded || !seesNetwork(db, network, host)) throw new ApiError('HOST_CANNOT_ATTACH_NETWORK', host, network);
}
