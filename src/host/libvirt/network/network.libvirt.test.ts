import { describeNetwork } from '../../contract/network.contract.js';
import type { HostCommands } from './commands.js';
import { kernelHas, startNetwork } from './test-network.js';

async function lacking(commands: HostCommands, openVswitch: boolean) {
  const has = {
    gre: await kernelHas(commands, ['gretap', 'remote', '239.192.0.1', 'local', '192.0.2.1', 'key', '1']),
    vlan: openVswitch || (await kernelHas(commands, ['vlan', 'id', '5'], 'eth1')),
    bond: openVswitch || (await kernelHas(commands, ['bond'])),
  };
  return new Set((['gre', 'vlan', 'bond'] as const).filter((what) => !has[what]));
}

for (const openVswitch of [true, false]) {
  describeNetwork(`Linux ${openVswitch ? 'with' : 'without'} Open vSwitch`, async () => {
    const { network, commands, close } = await startNetwork(openVswitch);
    return { network, cards: ['eth1', 'eth2'], lacks: await lacking(commands, openVswitch), close };
  });
}
