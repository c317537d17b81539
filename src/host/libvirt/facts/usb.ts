import type { UsbFacts } from '../../host.js';
import type { PseudoFiles } from './pseudo-files.js';

const DEVICES = '/sys/bus/usb/devices';

/** A device on a port: `1-2`, or `1-2.4` behind a hub. Root hubs are `usb1`, interfaces have a colon. */
const DEVICE = /^\d+-[\d.]+$/;

/** Class of hubs, which are no devices for a guest. */
const HUB = '09';

/** USB devices that are plugged into the host. */
export async function usbFacts(files: PseudoFiles): Promise<readonly UsbFacts[]> {
  const paths = (await files.names(DEVICES)).filter((name) => DEVICE.test(name));
  const found = await Promise.all(paths.map((path) => usbDevice(files, path)));
  return found.filter((device) => device !== undefined);
}

async function usbDevice(files: PseudoFiles, path: string): Promise<UsbFacts | undefined> {
  const text = (file: string): Promise<string> => files.text(`${DEVICES}/${path}/${file}`);
  if ((await text('bDeviceClass')) === HUB) return undefined;
  const [vendorId, vendorName, productId, productName, serial, version, speed] = await Promise.all(
    ['idVendor', 'manufacturer', 'idProduct', 'product', 'serial', 'version', 'speed'].map(text),
  );
  return {
    path,
    vendorId: vendorId ?? '',
    vendorName: vendorName ?? '',
    productId: productId ?? '',
    productName: productName ?? '',
    serial: serial ?? '',
    version: version ?? '',
    speedMbit: Number(speed) || 0,
  };
}
