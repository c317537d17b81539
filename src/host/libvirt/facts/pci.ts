import type { PciFacts } from '../../host.js';
import { HardwareNames } from './hardware-names.js';
import type { PseudoFiles } from './pseudo-files.js';

const DEVICES = '/sys/bus/pci/devices';

/** Classes of PCI devices that draw pictures or compute: VGA and 3D controllers. */
const GPU_CLASSES: ReadonlySet<string> = new Set(['0300', '0302']);

/** Bridges between buses and the like: a host has dozens, and nobody gives one to a guest. */
const BRIDGE = '06';

/** PCI devices of the host that clients are shown. */
export async function pciFacts(files: PseudoFiles): Promise<readonly PciFacts[]> {
  const names = await HardwareNames.read(files);
  const all = await Promise.all((await files.names(DEVICES)).map((id) => pciDevice(files, names, id)));
  return all.filter(({ classId }) => !classId.startsWith(BRIDGE));
}

async function pciDevice(files: PseudoFiles, names: HardwareNames, id: string): Promise<PciFacts> {
  const number = async (file: string): Promise<string> =>
    (await files.text(`${DEVICES}/${id}/${file}`)).replace(/^0x/, '').toLowerCase();
  const [vendorId, deviceId, subsystemVendor, subsystemDevice, fullClass, driver] = await Promise.all([
    number('vendor'),
    number('device'),
    number('subsystem_vendor'),
    number('subsystem_device'),
    number('class'),
    files.linked(`${DEVICES}/${id}/driver`),
  ]);
  const classId = fullClass.slice(0, 4);
  return {
    id,
    classId,
    className: names.classOf(classId),
    vendorId,
    vendorName: names.vendor(vendorId),
    deviceId,
    deviceName: names.device(vendorId, deviceId),
    subsystemVendorName: names.vendor(subsystemVendor),
    subsystemDeviceName: names.device(subsystemVendor, subsystemDevice),
    driver,
    gpu: GPU_CLASSES.has(classId),
  };
}
