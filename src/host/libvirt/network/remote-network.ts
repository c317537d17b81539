import { ApiError } from '../../../model/error.js';
import type { FoundBridge, HostNetwork, InterfaceAddresses, IpConfiguration, PhysicalInterface } from '../../network.js';
import type { Unsubscribe } from '../../progress.js';
import type { Session } from '../connection/session.js';
import { attribute, child, children, type Element, parseXml } from '../domain-xml/xml.js';
import { libvirtBridges } from './libvirt-bridges.js';

/** Interfaces that are up: VIR_CONNECT_LIST_INTERFACES_ACTIVE */
const ACTIVE = 2;

const DEFAULT_MTU = 1500;

/** A device of the host as libvirt describes it. */
interface Described {
  readonly name: string;
  readonly mac: string;
  readonly element: Element;
}

/**
 * The network of a host that only libvirt reaches: cards and bridges are told, and guests can be put into bridges that are there.
 * Nothing can be changed, because libvirt does not configure the network of a host.
 */
export class RemoteNetwork implements HostNetwork {
  readonly isShared = true;
  readonly #session: Pick<Session, 'read'>;

  constructor(session: Pick<Session, 'read'>) {
    this.#session = session;
  }

  async interfaces(): Promise<readonly PhysicalInterface[]> {
    return (await this.#described())
      .filter(({ element }) => attribute(element, 'type') === 'ethernet')
      .map(({ name, mac, element }) => {
        const link = child(element, 'link');
        return {
          device: name,
          mac,
          mtu: mtuOf(element),
          speed: Number(attribute(link, 'speed')) || 0,
          duplex: true,
          carrier: (attribute(link, 'state') ?? 'up') === 'up',
          pciBusPath: '',
          vendorId: '',
          vendorName: '',
          deviceId: '',
          deviceName: '',
        };
      });
  }

  async bridges(): Promise<readonly FoundBridge[]> {
    const names = await libvirtBridges(this.#session);
    const found = (await this.#described())
      .filter(({ element }) => attribute(element, 'type') === 'bridge')
      .map(({ name, element }) => ({
        bridge: name,
        mtu: mtuOf(element),
        devices: children(child(element, 'bridge'), 'interface').flatMap((port) => attribute(port, 'name') ?? []),
        name: names.get(name) ?? name,
      }));
    const known = new Set(found.map(({ bridge }) => bridge));
    const others = [...names].filter(([bridge]) => !known.has(bridge));
    return [...found, ...others.map(([bridge, name]) => ({ bridge, mtu: DEFAULT_MTU, devices: [], name }))];
  }

  /** libvirt has no events of a host's own network. */
  onChange(): Unsubscribe {
    return () => undefined;
  }

  async addresses(device: string): Promise<InterfaceAddresses> {
    const found = (await this.#described()).find(({ name }) => name === device);
    if (!found) throw new ApiError('PIF_DEVICE_NOT_FOUND');
    const ips = children(found.element, 'protocol').flatMap((protocol) =>
      children(protocol, 'ip').map((ip) => ({
        family: attribute(protocol, 'family'),
        address: attribute(ip, 'address') ?? '',
        prefix: attribute(ip, 'prefix') ?? '',
      })),
    );
    return {
      ipv4: ips
        .filter(({ family }) => family === 'ipv4')
        .map(({ address, prefix }) => ({ address, netmask: netmask(Number(prefix)) })),
      ipv6: ips.filter(({ family }) => family === 'ipv6').map(({ address, prefix }) => `${address}/${prefix}`),
      gateway: '',
      dns: '',
    };
  }

  async ensureBridge(bridge: string, device: string | undefined): Promise<void> {
    const found = (await this.bridges()).find((one) => one.bridge === bridge);
    if (!found || (device !== undefined && !found.devices.includes(device))) throw unchangeable(device ?? bridge);
  }

  /** Bridges that are there stay: somebody else made them. */
  async removeBridge(): Promise<void> {}

  async createVlan(device: string): Promise<string> {
    throw unchangeable(device);
  }

  async removeVlan(device: string): Promise<void> {
    throw unchangeable(device);
  }

  async createBond({ device }: { readonly device: string }): Promise<void> {
    throw unchangeable(device);
  }

  async changeBond({ device }: { readonly device: string }): Promise<void> {
    throw unchangeable(device);
  }

  async removeBond(device: string): Promise<void> {
    throw unchangeable(device);
  }

  async createTunnel(device: string): Promise<string> {
    throw unchangeable(device);
  }

  async removeTunnel(device: string): Promise<void> {
    throw unchangeable(device);
  }

  async configureIp(device: string, _configuration: IpConfiguration): Promise<InterfaceAddresses> {
    throw unchangeable(device);
  }

  async configureIpv6(device: string): Promise<InterfaceAddresses> {
    throw unchangeable(device);
  }

  async bringUp(device: string): Promise<void> {
    throw unchangeable(device);
  }

  async bringDown(device: string): Promise<void> {
    throw unchangeable(device);
  }

  async #described(): Promise<readonly Described[]> {
    const { ifaces } = await this.#session.read('CONNECT_LIST_ALL_INTERFACES', { need_results: 1, flags: ACTIVE });
    return Promise.all(
      ifaces.map(async (iface) => {
        const { xml } = await this.#session.read('INTERFACE_GET_XML_DESC', { iface, flags: 0 });
        return { name: iface.name, mac: iface.mac, element: parseXml(xml) };
      }),
    );
  }
}

function unchangeable(device: string): ApiError {
  return new ApiError('PIF_CONFIGURATION_ERROR', device, 'libvirt cannot change the network of a host that is not this machine');
}

function mtuOf(element: Element): number {
  return Number(attribute(child(element, 'mtu'), 'size')) || DEFAULT_MTU;
}

/** `24`: `255.255.255.0` */
function netmask(prefix: number): string {
  return [0, 8, 16, 24].map((at) => 256 - 2 ** (8 - Math.min(8, Math.max(0, prefix - at)))).join('.');
}
