import { ApiError } from '../../model/error.js';
import type { Ref } from '../../model/ref.js';
import type { ClassBehaviour, Handler } from '../behaviour.js';
import type { Call } from '../call.js';
import { syncDevices } from '../inventory/device-records.js';
import { failureOf, invoke } from '../invoke.js';
import { reach } from '../reach.js';

/** SRs that show what is plugged into hosts. */
function removableSrs({ db }: Call['api']): Ref<'SR'>[] {
  return db.filter('SR', (sr) => sr.type === 'udev').map(([ref]) => ref);
}

/** The disks that an SR shows for a USB device are for the host; a VM that gets the device has it alone. */
async function reserve(call: Call, self: Ref<'PUSB'>): Promise<void> {
  const { db } = call.api;
  const { path } = db.get('PUSB', self);
  for (const sr of removableSrs(call.api))
    for (const vdi of db.get('SR', sr).VDIs) {
      const { sm_config, VBDs } = db.get('VDI', vdi);
      if (sm_config.get('usb_path') !== path) continue;
      if (VBDs.length) throw new ApiError('PUSB_VDI_CONFLICT', self, vdi);
      await invoke(call, 'VDI', 'forget', vdi);
    }
  db.set('PUSB', self, { passthrough_enabled: true });
}

async function release(call: Call, self: Ref<'PUSB'>): Promise<void> {
  const { db } = call.api;
  const vusbs = db.find('USB_group', db.get('PUSB', self).USB_group)?.fields.VUSBs ?? [];
  for (const vusb of vusbs) {
    const { currently_attached, VM } = db.get('VUSB', vusb);
    if (currently_attached) throw new ApiError('USB_ALREADY_ATTACHED', self, VM);
  }
  db.transaction(() => {
    for (const vusb of vusbs) db.destroy('VUSB', vusb);
    db.set('PUSB', self, { passthrough_enabled: false });
  });
  for (const sr of removableSrs(call.api)) {
    const failure = await failureOf(() => invoke(call, 'SR', 'scan', sr));
    if (failure) call.api.log.warn({ err: failure, sr }, 'disks of a USB device may not show yet');
  }
}

const setPassthrough: Handler<'PUSB', 'set_passthrough_enabled'> = (call, self, value) => {
  call.api.db.get('PUSB', self);
  return value ? reserve(call, self) : release(call, self);
};

/** USB devices of hosts. */
export const PUSB: ClassBehaviour<'PUSB'> = {
  messages: {
    scan: ({ api }, host) => syncDevices(api.db, host, reach(api, host).facts),
    set_passthrough_enabled: setPassthrough,
  },
};
