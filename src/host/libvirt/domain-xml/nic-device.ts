import type { NicSpec } from '../../compute.js';
import { aliasOf } from './device-names.js';
import type { Hardware } from './hardware.js';
import { append, child, type Element, ensure, type Markup, put, remove, set, tag } from './xml.js';

/** What networks take for usual: nothing is said of it. */
const USUAL_MTU = 1500;

/** The device of a network card. `openVswitchBridges`: those to which cards are connected in another way. */
export function nicMarkup(nic: NicSpec, { nicModel }: Hardware, openVswitchBridges: ReadonlySet<string> = new Set()): Markup {
  return tag(
    'interface',
    { type: 'bridge' },
    tag('mac', { address: nic.mac }),
    tag('source', { bridge: nic.bridge }),
    openVswitchBridges.has(nic.bridge) ? tag('virtualport', { type: 'openvswitch' }) : undefined,
    tag('model', { type: nicModel }),
    nic.mtu === USUAL_MTU ? undefined : tag('mtu', { size: nic.mtu }),
    tag('alias', { name: aliasOf(nic.vif) }),
  );
}

/** Connects a card to a bridge, whatever it was connected to before. */
export function setBridge(device: Element, bridge: string, openVswitchBridges: ReadonlySet<string> = new Set()): void {
  set(device, { type: 'bridge', trustGuestRxFilters: undefined });
  remove(device, 'source', 'virtualport', 'ip', 'route', 'backend', 'portForward');
  append(device, tag('source', { bridge }));
  if (openVswitchBridges.has(bridge)) append(device, tag('virtualport', { type: 'openvswitch' }));
}

/** Gives a card another address. */
export function setMac(device: Element, address: string): void {
  put(device, tag('mac', { address }));
}

/** Gives a card another MTU. */
export function setMtu(device: Element, size: number): void {
  remove(device, 'mtu');
  if (size !== USUAL_MTU) append(device, tag('mtu', { size }));
}

/** Makes a card one of another maker. */
export function setModel(device: Element, type: Hardware['nicModel']): void {
  set(ensure(device, 'model'), { type });
  // Cards of other makers have other options and stand on other buses.
  remove(device, 'driver', 'address');
  remove(child(device, 'rom'), 'file');
}
