import { setTimeout as sleep } from 'node:timers/promises';
import type { Ipv6Configuration } from '../../network.js';
import { deleteAddress } from './address-moves.js';
import type { NetworkContext } from './context.js';
import type { DhcpClients } from './dhcp-clients.js';
import { staticLines } from './ip-settings.js';
import type { NetworkState } from './network-state.js';

/** Milliseconds that somebody waits for a router or a DHCP server. One that is asked answers within a second. */
const ANSWER = 3000;
const LOOK = 100;

/** Gives a device the IPv6 settings that it is to have. */
export async function applyIpv6(
  { ip, commands, kept }: NetworkContext,
  dhcp: DhcpClients,
  state: NetworkState,
  device: string,
  configuration: Ipv6Configuration,
): Promise<void> {
  const holder = state.holder(device);
  const { mode, addresses, gateway } = configuration;
  // 2: also while the host forwards packets for its guests.
  const listen = (value: 0 | 2): Promise<string> =>
    commands.run('sysctl', ['-q', '-w', `net/ipv6/conf/${holder}/accept_ra=${value}`]);
  const client = `${device}/6`;
  if (mode !== 'DHCP') {
    dhcp.stop(device, 6);
    await kept.change(({ leased }) => leased.delete(client));
  }
  switch (mode) {
    case 'Autoconf': {
      await listen(2);
      const fixed = state.globalAddresses(holder, 6).filter(({ dynamic }) => !dynamic);
      // A device that comes up asks for routers; one that is up is made to ask again.
      await ip.apply([...fixed.map((address) => deleteAddress(holder, address)), `link set dev ${holder} up`]);
      return announced({ ip }, holder);
    }
    case 'DHCP': {
      const others = state.globalAddresses(holder, 6).some(({ dynamic }) => dynamic) && !kept.current.leased.has(client);
      if (dhcp.runsFor(device, 6) || others) return;
      await listen(2);
      await ip.apply([`link set dev ${holder} up`]);
      await dhcp.start(device, holder, 6);
      await kept.change(({ leased }) => leased.add(client));
      return announced({ ip }, holder);
    }
    default: {
      const wanted = addresses.map((address) => {
        const [local = '', prefix = ''] = address.split('/');
        return { local: new URL(`http://[${local}]/`).hostname.slice(1, -1), prefix: Number(prefix) };
      });
      const { lines, routes } = staticLines(state, holder, 6, mode === 'Static' ? wanted : [], mode === 'Static' ? gateway : '');
      if (lines.length > 0 || mode === 'Static') await listen(0).catch(() => '');
      await ip.apply([...(mode === 'Static' ? [`link set dev ${holder} up`] : []), ...lines]);
      await ip.attempt(routes);
    }
  }
}

async function announced({ ip }: Pick<NetworkContext, 'ip'>, holder: string): Promise<void> {
  const end = Date.now() + ANSWER;
  while ((await ip.read()).globalAddresses(holder, 6).length === 0 && Date.now() < end) await sleep(LOOK);
}
