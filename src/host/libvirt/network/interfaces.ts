import type { InterfaceAddresses, IpConfiguration, Ipv6Configuration } from '../../network.js';
import { deleteAddress, movable } from './address-moves.js';
import type { NetworkContext } from './context.js';
import type { DhcpClients } from './dhcp-clients.js';
import { checkIp, checkIpv6, netmaskOf, serversOf } from './ip-checks.js';
import { applyIp } from './ip-settings.js';
import { applyIpv6 } from './ipv6-settings.js';
import { findManagement } from './management.js';
import type { NameServers } from './name-servers.js';
import type { NetworkState } from './network-state.js';
import { existing, refusal } from './refusal.js';

/** Addresses of interfaces, and whether they are up. */
export class Interfaces {
  private readonly context: NetworkContext;
  private readonly dhcp: DhcpClients;
  private readonly nameServers: NameServers;

  constructor(context: NetworkContext, dhcp: DhcpClients, nameServers: NameServers) {
    this.context = context;
    this.dhcp = dhcp;
    this.nameServers = nameServers;
  }

  /** The addresses of an interface, wherever it has them: one in a bridge has them there. */
  async of(state: NetworkState, device: string): Promise<InterfaceAddresses> {
    if (!state.links.get(device)?.up) return { ipv4: [], ipv6: [], gateway: '', dns: '' };
    const holder = state.holder(device);
    const all = state.addresses.get(holder) ?? [];
    const route = [...state.defaultRoutes(4), ...state.defaultRoutes(6)].find((one) => one.device === holder);
    const { ip, ipv6 } = this.context.kept.current;
    const asked = ip.get(device)?.dns || ipv6.get(device)?.dns || '';
    const [first] = all.filter(({ family }) => family === 4);
    return {
      ...(first && { leased: first.dynamic }),
      ipv4: all.filter(({ family }) => family === 4).map(({ local, prefix }) => ({ address: local, netmask: netmaskOf(prefix) })),
      ipv6: all.filter(({ family }) => family === 6).map(({ local, prefix }) => `${local}/${prefix}`),
      gateway: route?.gateway ?? '',
      dns: asked || (route ? (await this.nameServers.list()).join(',') : ''),
    };
  }

  /** `management`: the card over which the host is managed, whose name servers are those of the host. */
  async configureIp(device: string, wanted: IpConfiguration, management: string | undefined): Promise<InterfaceAddresses> {
    const { ip, guard, kept } = this.context;
    checkIp(wanted);
    const state = await ip.read();
    existing(state, device);
    if (!kept.current.down.has(device))
      await guard.run(state, {
        device,
        touches: [state.holder(device)],
        readdresses: { device, family: 4 },
        make: () => applyIp(this.context, this.dhcp, state, device, wanted),
        undo: async () => this.dhcp.stop(device, 4),
      });
    await kept.change((settings) => settings.ip.set(device, wanted));
    const servers = serversOf(wanted.dns);
    const isManagement = findManagement(state, management)?.path.includes(device) ?? false;
    if (wanted.mode === 'Static' && servers.length > 0 && isManagement) await this.nameServers.set(servers);
    return this.of(await ip.recent(), device);
  }

  async configureIpv6(device: string, wanted: Ipv6Configuration): Promise<InterfaceAddresses> {
    const { ip, guard, kept } = this.context;
    checkIpv6(wanted);
    const state = await ip.read();
    existing(state, device);
    if (!kept.current.down.has(device))
      await guard.run(state, {
        device,
        touches: [state.holder(device)],
        readdresses: { device, family: 6 },
        make: () => applyIpv6(this.context, this.dhcp, state, device, wanted),
        undo: async () => this.dhcp.stop(device, 6),
      });
    await kept.change((settings) => settings.ipv6.set(device, wanted));
    return this.of(await ip.recent(), device);
  }

  /** Switches a device on; it has the addresses again that were set for it. */
  async bringUp(device: string): Promise<void> {
    const { ip, kept } = this.context;
    const state = await ip.read();
    const { up } = existing(state, device);
    const wasDown = kept.current.down.has(device);
    await kept.change(({ down }) => down.delete(device));
    if (up && !wasDown) return;
    try {
      await ip.apply([`link set dev ${device} up`]);
      const now = await ip.read();
      const { ip: ip4, ipv6 } = kept.current;
      const wanted = ip4.get(device);
      const wanted6 = ipv6.get(device);
      if (wanted) await applyIp(this.context, this.dhcp, now, device, wanted);
      if (wanted6) await applyIpv6(this.context, this.dhcp, await ip.read(), device, wanted6);
    } catch (thrown) {
      throw refusal(device, thrown);
    }
  }

  /** Switches a device off. Addresses that can be set again go, so that nothing answers at them. */
  async bringDown(device: string): Promise<void> {
    const { ip, kept, guard } = this.context;
    const state = await ip.read();
    existing(state, device);
    const { ip: ip4, ipv6 } = kept.current;
    const families = [...(ip4.has(device) ? [4] : []), ...(ipv6.has(device) ? [6] : [])];
    const gone = movable(state, device).filter(({ family }) => families.includes(family));
    await guard.run(state, {
      device,
      touches: [device],
      make: () =>
        ip.apply([...gone.toReversed().map((address) => deleteAddress(device, address)), `link set dev ${device} down`]),
    });
    for (const family of [4, 6] as const) this.dhcp.stop(device, family);
    await kept.change(({ down }) => down.add(device));
  }
}
