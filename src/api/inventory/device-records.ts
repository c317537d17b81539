import type { Database } from '../../db/database.js';
import type { HostFacts, PciFacts, UsbFacts } from '../../host/host.js';
import type { Ref } from '../../model/ref.js';

/** Size of a GPU that one VM gets as a whole; the types of a divided one would be shares of it. */
const WHOLE_GPU = 1024 * 1024;

/** Brings PCI devices, GPUs and USB devices in line with what is in the host now. Devices that are gone go with what belongs to them. */
export function syncDevices(db: Database, host: Ref<'host'>, facts: HostFacts): void {
  db.transaction(() => {
    syncPcis(db, host, facts.pcis);
    syncUsbs(db, host, facts.usbs);
  });
}

function syncPcis(db: Database, host: Ref<'host'>, found: readonly PciFacts[]): void {
  const known = new Map(db.get('host', host).PCIs.map((ref) => [db.get('PCI', ref).pci_id, ref]));
  const firstGpu = found.find((device) => device.gpu)?.id;
  for (const device of found) {
    const pci = known.get(device.id) ?? db.create('PCI', { host, pci_id: device.id });
    known.delete(device.id);
    db.set('PCI', pci, {
      class_id: device.classId,
      class_name: device.className,
      vendor_id: device.vendorId,
      vendor_name: device.vendorName,
      device_id: device.deviceId,
      device_name: device.deviceName,
      subsystem_vendor_name: device.subsystemVendorName,
      subsystem_device_name: device.subsystemDeviceName,
      driver_name: device.driver,
    });
    if (device.gpu) ensureGpu(db, host, pci, device, device.id === firstGpu);
  }
  for (const pci of known.values()) {
    for (const [gpu] of db.filter('PGPU', (fields) => fields.PCI === pci)) db.destroy('PGPU', gpu);
    db.destroy('PCI', pci);
  }
}

function ensureGpu(db: Database, host: Ref<'host'>, pci: Ref<'PCI'>, device: PciFacts, display: boolean): void {
  if (db.filter('PGPU', (fields) => fields.PCI === pci).length) return;
  const type = passthroughType(db);
  db.create('PGPU', {
    PCI: pci,
    GPU_group: gpuGroup(db, device, type),
    host,
    size: WHOLE_GPU,
    supported_VGPU_types: [type],
    enabled_VGPU_types: [type],
    supported_VGPU_max_capacities: new Map([[type, 1]]),
    is_system_display_device: display,
  });
}

/** The type of virtual GPU that is a whole physical one. A pool has one. */
function passthroughType(db: Database): Ref<'VGPU_type'> {
  const [known] = db.filter('VGPU_type', (type) => type.implementation === 'passthrough');
  return (
    known?.[0] ??
    db.create('VGPU_type', {
      model_name: 'passthrough',
      implementation: 'passthrough',
      identifier: 'passthrough',
      size: WHOLE_GPU,
    })
  );
}

function gpuGroup(
  db: Database,
  { vendorName, deviceName, vendorId, deviceId }: PciFacts,
  type: Ref<'VGPU_type'>,
): Ref<'GPU_group'> {
  const kind = `${vendorId}/${deviceId}`;
  const [known] = db.filter('GPU_group', (group) => group.GPU_types.includes(kind));
  return (
    known?.[0] ??
    db.create('GPU_group', {
      name_label: `Group of ${vendorName} ${deviceName} GPUs`,
      GPU_types: [kind],
      supported_VGPU_types: [type],
      enabled_VGPU_types: [type],
    })
  );
}

function syncUsbs(db: Database, host: Ref<'host'>, found: readonly UsbFacts[]): void {
  const keyOf = (path: string, vendor: string, product: string, serial: string) => [path, vendor, product, serial].join(' ');
  const known = new Map(
    db.get('host', host).PUSBs.map((ref) => {
      const { path, vendor_id, product_id, serial } = db.get('PUSB', ref);
      return [keyOf(path, vendor_id, product_id, serial), ref];
    }),
  );
  for (const device of found) {
    const key = keyOf(device.path, device.vendorId, device.productId, device.serial);
    if (!known.delete(key)) createUsb(db, host, device);
  }
  for (const usb of known.values()) removeUsb(db, usb);
}

/** Each USB device is a group of its own, as passing one through means that very stick and not one like it. */
function createUsb(db: Database, host: Ref<'host'>, device: UsbFacts): void {
  const group = db.create('USB_group', { name_label: `Group of ${device.vendorId} ${device.productId} USBs` });
  db.create('PUSB', {
    USB_group: group,
    host,
    path: device.path,
    vendor_id: device.vendorId,
    vendor_desc: device.vendorName,
    product_id: device.productId,
    product_desc: device.productName,
    serial: device.serial,
    version: device.version,
    speed: device.speedMbit,
    description: [device.vendorName, device.productName, device.serial].filter(Boolean).join('_'),
  });
}

function removeUsb(db: Database, usb: Ref<'PUSB'>): void {
  const { USB_group: group } = db.get('PUSB', usb);
  db.destroy('PUSB', usb);
  const record = db.find('USB_group', group)?.fields;
  if (!record || record.PUSBs.length) return;
  for (const vusb of record.VUSBs) db.destroy('VUSB', vusb);
  db.destroy('USB_group', group);
}
