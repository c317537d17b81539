import { ApiError } from '../../../model/error.js';
import { NULL_REF, type Ref } from '../../../model/ref.js';
import type { Handler } from '../../behaviour.js';
import type { Call } from '../../call.js';
import { onHost } from '../../host-errors.js';
import { target } from '../../operations/operations.js';
import { assertKeepsVmMobile } from '../../storage/mobility.js';
import { isPluggedOn, volumeAddress } from '../../storage/placement.js';
import { domainType } from '../../world/domain-records.js';
import { attachDrive, detachDrive, domainOf } from './plug.js';

/** VBD.insert: puts a disc into an empty drive, of a VM that is off or runs. */
export const insert: Handler<'VBD', 'insert'> = (call, vbd, vdi) => {
  const { api, task } = call;
  return api.operations.run(task, [target('VBD', vbd, 'insert')], async () => {
    const { db } = api;
    const vm = db.get('VBD', vbd).VM;
    const disc = db.get('VDI', vdi);
    if (!disc.managed) throw new ApiError('VDI_NOT_MANAGED', vdi);
    assertKeepsVmMobile(db, db.get('VM', vm), disc);
    if (isOff(call, vm)) {
      db.set('VBD', vbd, { VDI: vdi, empty: false });
    } else if (hasTray(call, vm)) {
      const { compute, domain, host } = domainOf(call, vm);
      if (!isPluggedOn(db, disc.SR, host)) throw new ApiError('SR_HAS_NO_PBDS', disc.SR);
      await onHost(db, () => compute.insertMedium(domain, db.get('VBD', vbd).uuid, volumeAddress(api, vdi)));
      db.set('VBD', vbd, { VDI: vdi, empty: false });
    } else {
      await insertAsDrive(call, vbd, vdi);
    }
  });
};

/** VBD.eject */
export const eject: Handler<'VBD', 'eject'> = (call, vbd) => {
  const { api, task } = call;
  return api.operations.run(task, [target('VBD', vbd, 'eject')], async () => {
    const { db } = api;
    const { VM: vm, uuid, currently_attached } = db.get('VBD', vbd);
    if (!isOff(call, vm)) {
      if (hasTray(call, vm)) {
        const { compute, domain } = domainOf(call, vm);
        await onHost(db, () => compute.ejectMedium(domain, uuid));
      } else if (currently_attached) {
        await detachDrive(call, vbd, false);
      }
    }
    db.set('VBD', vbd, { VDI: NULL_REF, empty: true });
  });
};

function isOff({ api }: Call, vm: Ref<'VM'>): boolean {
  return api.db.get('VM', vm).power_state === 'Halted';
}

/** Guests with emulated hardware have a drive that stays when the disc goes; for others the disc is the drive. */
function hasTray({ api }: Call, vm: Ref<'VM'>): boolean {
  return domainType(api.db.get('VM', vm)) === 'hvm';
}

async function insertAsDrive(call: Call, vbd: Ref<'VBD'>, vdi: Ref<'VDI'>): Promise<void> {
  const { db } = call.api;
  db.set('VBD', vbd, { VDI: vdi, empty: false });
  try {
    await attachDrive(call, vbd);
  } catch (thrown) {
    db.set('VBD', vbd, { VDI: NULL_REF, empty: true });
    throw thrown;
  }
}
