import { DomainDeviceModifyFlags, ErrorCode } from 'node-libvirt';
import { ApiError } from '../../../../model/error.js';
import { asHost, hasCode } from '../../errors.js';
import type { ComputeContext, DomainRef } from '../context.js';
import { restUntil } from './rest.js';

/** What is needed to take a device out. */
type Unplugging = Pick<ComputeContext, 'session' | 'liveXml'>;

/** Milliseconds that a guest may take to let go of a device; with force it is asked again meanwhile. */
export const PATIENCE = { asked: 20_000, forced: 60_000 };
/** Milliseconds between two looks whether a device is gone, for the event that was missed. */
const LOOK_EVERY = 1000;
/** Milliseconds after which QEMU lets a guest be asked again. */
const ASK_EVERY = 6000;

/** A device that is to go. */
export interface Leaving {
  readonly class: 'VBD' | 'VIF';
  /** Uuid of the VBD or VIF. */
  readonly uuid: string;
  /** Name that libvirt has for it. */
  readonly alias: string;
  /** Whether the description of the living domain still has it. */
  present(xml: string): boolean;
}

/**
 * Takes a device out of a living domain; resolves when the guest has let go of it. No hypervisor can pull a device from under a
 * guest's drivers: force means to ask again and for longer, and to take no refusal. Throws DEVICE_DETACH_REJECTED,
 * DEVICE_DETACH_TIMEOUT.
 */
export async function unplug(context: Unplugging, dom: DomainRef, device: Leaving, force: boolean): Promise<void> {
  const gone = new AbortController();
  let rejected = false;
  const isIt = ({ dom: { uuid }, devAlias }: { readonly dom: DomainRef; readonly devAlias: string }): boolean =>
    uuid === dom.uuid && devAlias === device.alias;
  const off = [
    context.session.onDomainEvent('DEVICE_REMOVED', (event) => {
      if (isIt(event)) gone.abort();
    }),
    context.session.onDomainEvent('DEVICE_REMOVAL_FAILED', (event) => {
      if (isIt(event)) rejected = true;
    }),
  ];
  try {
    const end = Date.now() + (force ? PATIENCE.forced : PATIENCE.asked);
    let asked = 0;
    while (!gone.signal.aborted) {
      if (Date.now() >= end) throw new ApiError('DEVICE_DETACH_TIMEOUT', device.class, device.uuid);
      if (asked === 0 || (force && Date.now() - asked >= ASK_EVERY)) {
        await ask(context, dom, device, asked > 0);
        asked = Date.now();
      }
      await restUntil(LOOK_EVERY, gone.signal);
      if (gone.signal.aborted || !device.present(await context.liveXml(dom.uuid))) return;
      if (rejected && !force)
        throw new ApiError('DEVICE_DETACH_REJECTED', device.class, device.uuid, 'The guest does not let go of the device');
    }
  } finally {
    for (const one of off) one();
  }
}

async function ask({ session }: Unplugging, dom: DomainRef, device: Leaving, again: boolean): Promise<void> {
  const flags = DomainDeviceModifyFlags.LIVE;
  const { alias, uuid, class: kind } = device;
  await asHost({ vm: dom.uuid, device: { class: kind, uuid } }, async () => {
    try {
      await session.call('DOMAIN_DETACH_DEVICE_ALIAS', { dom, alias, flags });
    } catch (thrown) {
      // It went between two looks, or the guest is still at it.
      if (again && hasCode(thrown, ErrorCode.DEVICE_MISSING, ErrorCode.OPERATION_FAILED, ErrorCode.INTERNAL_ERROR)) return;
      throw thrown;
    }
  });
}
