import type { Hardware, Machine } from './hardware.js';
import { isTrue, type Settings } from './settings.js';
import { append, attribute, child, children, drop, type Element, ensure, type Markup, remove, tag } from './xml.js';

/** Seconds between the figures that a guest's balloon gives. */
const BALLOON_PERIOD = 5;

/** Devices that each take a port of a PCI Express machine, besides disks and cards: USB, SCSI, serial channels, balloon, randomness. */
const USUAL_PORTS = 5;
/** Ports for devices that are added while the guest runs. */
const SPARE_PORTS = 8;

/** Puts in what every VM has: balloon, randomness, the channel of the guest agent, pointer, screen, notice of crashes. */
export function addUsualDevices(
  domain: Element,
  { machine }: Hardware,
  { platform }: Settings,
  type: string,
  vncSocket: string,
): void {
  const devices = ensure(domain, 'devices');
  append(devices, usbController(machine));
  append(devices, tag('controller', { type: 'virtio-serial' }));
  append(devices, tag('channel', { type: 'unix' }, tag('target', { type: 'virtio', name: 'org.qemu.guest_agent.0' })));
  // The pointer is where the viewer's is.
  append(devices, tag('input', { type: 'tablet', bus: 'usb' }));
  append(devices, tag('graphics', { type: 'vnc', socket: vncSocket }, tag('listen', { type: 'socket', socket: vncSocket })));
  append(devices, tag('memballoon', { model: 'virtio', autodeflate: 'on' }, tag('stats', { period: BALLOON_PERIOD })));
  append(devices, tag('rng', { model: 'virtio' }, tag('backend', { model: 'random' }, '/dev/urandom')));
  append(devices, tag('panic', { model: 'isa' }));
  if (type === 'kvm' && isTrue(platform.get('viridian')) && isTrue(platform.get('viridian_crash_ctl')))
    append(devices, tag('panic', { model: 'hyperv' }));
}

/** Moves the screen's socket, in a description that has one of ours. */
export function moveScreen(domain: Element, vncSocket: string): void {
  for (const graphics of children(child(domain, 'devices'), 'graphics')) {
    const listen = child(graphics, 'listen');
    if (attribute(listen, 'type') !== 'socket' || attribute(listen, 'socket') === vncSocket) continue;
    graphics.setAttribute('socket', vncSocket);
    listen?.setAttribute('socket', vncSocket);
  }
}

/** Gives a PCI Express machine ports for its devices, with some to spare: none can be added while the guest runs. */
export function ensurePorts(domain: Element, { machine }: Hardware, devices: number): void {
  if (machine !== 'q35') return;
  const element = ensure(domain, 'devices');
  const there = children(element, 'controller').filter((one) => attribute(one, 'type') === 'pci');
  if (!there.some((one) => attribute(one, 'model') === 'pcie-root'))
    append(element, tag('controller', { type: 'pci', index: 0, model: 'pcie-root' }));
  const ports = there.filter((one) => attribute(one, 'model') === 'pcie-root-port').length;
  for (let at = ports; at < USUAL_PORTS + SPARE_PORTS + devices; at++)
    append(element, tag('controller', { type: 'pci', model: 'pcie-root-port' }));
}

/** Gives disks on SCSI a controller that is as fast as virtio. */
export function ensureScsi(domain: Element): void {
  const devices = ensure(domain, 'devices');
  if (children(devices, 'controller').some((one) => attribute(one, 'type') === 'scsi')) return;
  append(devices, tag('controller', { type: 'scsi', index: 0, model: 'virtio-scsi' }));
}

/** Lets a domain be another machine: its buses are others, so that every device has to find a new place on them. */
export function moveToMachine(domain: Element, { machine }: Hardware): void {
  const devices = ensure(domain, 'devices');
  for (const one of children(devices)) {
    const type = attribute(one, 'type') ?? '';
    if (one.nodeName === 'controller' && ['pci', 'usb', 'sata', 'ide'].includes(type)) drop(one);
    else if (['pci', 'usb'].includes(attribute(child(one, 'address'), 'type') ?? '')) remove(one, 'address');
  }
  append(devices, usbController(machine));
}

/** Old machines are for old guests, which know old USB only. */
function usbController(machine: Machine): Markup {
  return tag('controller', { type: 'usb', index: 0, model: machine === 'q35' ? 'qemu-xhci' : 'piix3-uhci' });
}
