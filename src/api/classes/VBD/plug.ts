import type { Compute } from '../../../host/compute.js';
import { ApiError } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { Handler } from '../../behaviour.js';
import type { Call } from '../../call.js';
import { onHost } from '../../host-errors.js';
import { target } from '../../operations/operations.js';
import { isPluggedOn } from '../../storage/placement.js';
import { DISK_LIMITS } from '../../storage/vbd-record.js';
import { deviceName, domainType } from '../../world/domain-records.js';
import { diskSpec } from '../../world/domain-spec.js';

/** The host on which the VM of a drive runs, and the name of its domain there. */
export function domainOf({ api }: Call, vm: Ref<'VM'>): { compute: Compute; domain: string; host: Ref<'host'> } {
  const { uuid: domain, resident_on: host } = api.db.get('VM', vm);
  return { compute: api.hosts.get(host).compute, domain, host };
}

/** VBD.plug */
export const plug: Handler<'VBD', 'plug'> = (call, self) => {
  const { api, task } = call;
  return api.operations.run(task, [target('VBD', self, 'plug')], () => attachDrive(call, self));
};

/** Gives a running VM a drive, whose record is there already. */
export async function attachDrive(call: Call, self: Ref<'VBD'>): Promise<void> {
  const { db } = call.api;
  const vbd = db.get('VBD', self);
  const hvm = domainType(db.get('VM', vbd.VM)) === 'hvm';
  if (hvm && vbd.type !== 'CD' && vbd.mode === 'RO') throw new ApiError('DISK_VBD_MUST_BE_READWRITE_FOR_HVM', self);
  const { compute, domain, host } = domainOf(call, vbd.VM);
  if (!vbd.empty) {
    const { SR } = db.get('VDI', vbd.VDI);
    if (!isPluggedOn(db, SR, host)) throw new ApiError('SR_HAS_NO_PBDS', SR);
  }
  await onHost(db, () => compute.attachDisk(domain, diskSpec(db, vbd)));
  db.set('VBD', self, {
    currently_attached: true,
    device: deviceName(vbd.userdevice),
    qos_supported_algorithms: [DISK_LIMITS],
  });
}

function detach(operation: 'unplug' | 'unplug_force'): Handler<'VBD', 'unplug'> {
  return (call, self) => {
    const { api, task } = call;
    return api.operations.run(task, [target('VBD', self, operation)], () =>
      detachDrive(call, self, operation === 'unplug_force'),
    );
  };
}

/** Takes a drive off a running VM; the record stays. */
export async function detachDrive(call: Call, self: Ref<'VBD'>, force: boolean): Promise<void> {
  const { db } = call.api;
  const { VM, uuid } = db.get('VBD', self);
  const { compute, domain } = domainOf(call, VM);
  await onHost(db, () => compute.detachDisk(domain, uuid, force));
  db.set('VBD', self, { currently_attached: false, reserved: false, device: '' });
}

/** VBD.unplug */
export const unplug = detach('unplug');
/** VBD.unplug_force */
export const unplugForce: Handler<'VBD', 'unplug_force'> = detach('unplug_force');

/** VBD.pause: refused since the storage layer does it by itself, as with the original. */
export const pause: Handler<'VBD', 'pause'> = (call, self) => holdBack(call, self, 'pause');

/** VBD.unpause */
export const unpause: Handler<'VBD', 'unpause'> = (call, self) => holdBack(call, self, 'unpause');

async function holdBack({ api, task }: Call, self: Ref<'VBD'>, operation: 'pause' | 'unpause'): Promise<never> {
  const { db } = api;
  return api.operations.run(task, [target('VBD', self, operation)], () => {
    throw new ApiError('SR_OPERATION_NOT_SUPPORTED', db.get('VDI', db.get('VBD', self).VDI).SR);
  });
}
