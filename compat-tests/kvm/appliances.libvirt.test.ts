import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { card, drive, envelopeOf, item } from '../../src/wire/ovf/testing/envelopes.js';
import { tarOf } from '../../src/wire/xva/test-bytes.js';
import { imported, removeWithDisks } from '../sr-life/calls.js';
import { told } from './support/client-cache.js';
import { kvmGateway } from './support/gateway.js';
import { guestUp } from './support/virtual-machine.js';

// VMs that leave VMware for a KVM host.
const gateway = kvmGateway();

/** An appliance with the test guest, on a disk as VMware exports them. */
async function appliance(guest: string): Promise<Buffer> {
  const directory = await mkdtemp(join(tmpdir(), 'appliance-'));
  const disk = join(directory, 'disk.vmdk');
  const options = ['-f', 'qcow2', '-O', 'vmdk', '-o', 'subformat=streamOptimized'];
  await promisify(execFile)('qemu-img', ['convert', ...options, gateway.guest.disk, disk]);
  const content = await readFile(disk);
  await rm(directory, { recursive: true });
  const envelope = envelopeOf({
    files: '<File ovf:id="file1" ovf:href="disk.vmdk"/>',
    disks: '<Disk ovf:diskId="disk1" ovf:fileRef="file1" ovf:capacity="64" ovf:capacityAllocationUnits="byte * 2^20"/>',
    guest: `vmw:osType="${guest}"`,
    hardware: item({ id: 3, type: 6 }) + drive(4, 3, 0, 'disk1') + card(5, 'VM Network'),
  });
  return tarOf([
    ['appliance.ovf', envelope],
    ['disk.vmdk', content],
  ]);
}

it('an appliance boots', async () => {
  const { xapi } = gateway;
  const vm = await imported(gateway, await appliance('debian12_64Guest'));
  await xapi.callAsync('VM.start', vm, false, false);
  await guestUp(xapi, vm);
  await xapi.callAsync('VM.hard_shutdown', vm);
  await told(xapi, 'VM', { $ref: vm, power_state: 'Halted' });
  await removeWithDisks(gateway, vm);
});

it('people are told of one that may not', async () => {
  const { xapi } = gateway;
  const vm = await imported(gateway, await appliance('windows2019srv_64Guest'));
  const { uuid } = xapi.getObjectByRef(vm);
  const { body } = await told(xapi, 'message', { name: 'IMPORTED_VM_MAY_NOT_BOOT', obj_uuid: uuid });
  expect(body).toMatch(/disk-bus/);
  await removeWithDisks(gateway, vm);
});
