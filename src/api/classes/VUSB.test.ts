import { describe, expect, it } from 'vitest';
import type { Ref } from '../../model/ref.js';
import { smallVm } from '../testing/emulated-pool.js';
import { apiFixture } from '../testing/fixture.js';

function refusal(...description: string[]) {
  return expect.objectContaining({ description });
}

describe('USB devices', () => {
  it('go to one VM each', async () => {
    const { api, host, call } = await apiFixture();
    const { db } = api;
    const group = await call<Ref<'USB_group'>>('USB_group.create', 'g', '', new Map());
    const device = db.create('PUSB', { host, USB_group: group, path: '1-2' });
    const vm = await call<Ref<'VM'>>('VM.create', smallVm());
    const vusb = await call<Ref<'VUSB'>>('VUSB.create', vm, group, new Map());
    expect(db.get('VUSB', vusb).allowed_operations).toEqual(['attach']);
    await expect(call('VUSB.create', vm, group, new Map())).rejects.toEqual(refusal('USB_GROUP_CONFLICT', group));
    await expect(call('VUSB.unplug', vusb)).rejects.toEqual(refusal('VM_BAD_POWER_STATE', vm, 'running', 'halted'));
    await expect(call('USB_group.destroy', group)).rejects.toEqual(refusal('USB_GROUP_CONTAINS_PUSB', device));

    db.set('VUSB', vusb, { currently_attached: true });
    await expect(call('PUSB.set_passthrough_enabled', device, false)).rejects.toEqual(
      refusal('USB_ALREADY_ATTACHED', device, vm),
    );
    await expect(call('VUSB.destroy', vusb)).rejects.toMatchObject({ code: 'OPERATION_NOT_ALLOWED' });
    db.set('VM', vm, { power_state: 'Running' });
    expect(db.get('VUSB', vusb).allowed_operations).toEqual(['attach', 'unplug']);
    await call('VUSB.unplug', vusb);
    await expect(call('VUSB.unplug', vusb)).rejects.toEqual(refusal('DEVICE_ALREADY_DETACHED', vusb));
    await call('PUSB.set_passthrough_enabled', device, true);
    expect(db.get('PUSB', device).passthrough_enabled).toBe(true);
    await call('PUSB.set_passthrough_enabled', device, false);
    expect(db.exists('VUSB', vusb)).toBe(false);
  });

  it('are at most six for a VM', async () => {
    const { call } = await apiFixture();
    const vm = await call<Ref<'VM'>>('VM.create', smallVm());
    const give = async () => call('VUSB.create', vm, await call('USB_group.create', 'g', '', new Map()), new Map());
    for (let number = 0; number < 6; number++) await give();
    await expect(give()).rejects.toEqual(refusal('TOO_MANY_VUSBS', '6'));
  });

  it('that the host keeps for its own disks are not given away', async () => {
    const { api, host, call } = await apiFixture();
    const { db } = api;
    const device = db.create('PUSB', { host, path: '1-2' });
    const sr = db.create('SR', { type: 'udev' });
    const vdi = db.create('VDI', { SR: sr, sm_config: new Map([['usb_path', '1-2']]), managed: true });
    db.create('VBD', { VDI: vdi });
    await expect(call('PUSB.set_passthrough_enabled', device, true)).rejects.toEqual(refusal('PUSB_VDI_CONFLICT', device, vdi));
  });
});
