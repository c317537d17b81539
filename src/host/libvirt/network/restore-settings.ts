import type { HostNetwork } from '../../network.js';
import type { IpTool } from './ip-tool.js';
import type { KeptSettings } from './kept-settings.js';

/**
 * Sets up again what was set up before and is not there any more, as after a boot of the host: lower devices first. What
 * fails is told to `warn`; the rest is set up all the same.
 */
export async function restoreSettings(
  network: HostNetwork,
  ip: IpTool,
  { current }: KeptSettings,
  warn: (error: unknown, message: string) => void,
): Promise<void> {
  const { links } = await ip.read();
  const attempt = async (device: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (thrown) {
      warn(thrown, `${device} could not be set up as before`);
    }
  };
  const missing = <T>(all: ReadonlyMap<string, T>): [string, T][] => [...all].filter(([device]) => !links.has(device));
  for (const [device, bond] of missing(current.bonds)) await attempt(device, () => network.createBond(bond));
  for (const [name, { device, tag }] of missing(current.vlans)) await attempt(name, () => network.createVlan(device, tag));
  for (const [name, { device, mtu }] of missing(current.bridges))
    await attempt(name, () => network.ensureBridge(name, device ?? undefined, mtu));
  for (const device of new Set([...current.ip.keys(), ...current.ipv6.keys()])) {
    const has = await network.addresses(device).catch(() => undefined);
    // Of a device that is gone nothing can be set; one that is switched off gets its addresses when it is switched on.
    if (has === undefined || current.down.has(device)) continue;
    const ip4 = current.ip.get(device);
    const ip6 = current.ipv6.get(device);
    // What was set while the host ran holds still, but a DHCP client ended with the process that ran it.
    if (ip4?.mode === 'DHCP' || (ip4?.mode === 'Static' && !has.ipv4.some(({ address }) => address === ip4.ip)))
      await attempt(device, () => network.configureIp(device, ip4));
    const lacks = ip6?.mode === 'Static' && ip6.addresses.some((address) => !has.ipv6.includes(address));
    if (ip6 && (lacks || ip6.mode === 'DHCP' || ip6.mode === 'Autoconf'))
      await attempt(device, () => network.configureIpv6(device, ip6));
  }
  for (const [name, { device, protocol, key }] of missing(current.tunnels))
    await attempt(name, () => network.createTunnel(device, protocol, key));
}
