import { enums } from '../../../../schema/enums.js';
import type { Command, CommandContext } from '../../command.js';
import { parseWord } from '../../values.js';
import { onUuid, printUuid, refOf } from '../support.js';

/** Interfaces of hosts: cards, and what lies on top of them. */
export const pifCommands: readonly Command[] = [
  {
    name: 'pif-scan',
    required: ['host-uuid'],
    optional: [],
    description: 'Looks for cards of a host that are not known yet.',
    async run(context) {
      await context.api.call('PIF', 'scan', refOf(context, 'host', 'host-uuid'));
    },
  },
  {
    name: 'pif-introduce',
    required: ['host-uuid', 'device'],
    optional: ['mac', 'managed'],
    description: 'Makes a PIF for a card of a host, by the name of its device, and prints the uuid.',
    async run(context) {
      const { api, parameters } = context;
      const host = refOf(context, 'host', 'host-uuid');
      const managed = parameters.boolean('managed', true);
      printUuid(
        context,
        'PIF',
        await api.call('PIF', 'introduce', host, parameters.text('mac', ''), parameters.required('device'), managed),
      );
    },
  },
  {
    name: 'pif-forget',
    required: ['uuid'],
    optional: [],
    description: 'Removes the PIF of a card from the database.',
    run: onUuid('PIF', 'forget'),
  },
  {
    name: 'pif-db-forget',
    required: ['uuid'],
    optional: [],
    flags: ['hidden'],
    description: 'Removes a PIF from the database and nothing else.',
    run: onUuid('PIF', 'db_forget'),
  },
  {
    name: 'pif-plug',
    required: ['uuid'],
    optional: [],
    description: 'Brings an interface up.',
    run: onUuid('PIF', 'plug'),
  },
  {
    name: 'pif-unplug',
    required: ['uuid'],
    optional: [],
    description: 'Takes an interface down.',
    run: onUuid('PIF', 'unplug'),
  },
  {
    name: 'pif-reconfigure-ip',
    required: ['uuid', 'mode'],
    optional: ['IP', 'netmask', 'gateway', 'DNS'],
    description: 'Changes how an interface gets its IPv4 address: mode is none, dhcp or static.',
    async run(context) {
      const pif = refOf(context, 'PIF', 'uuid');
      const mode = parseWord(enums.ip_configuration_mode, context.parameters.required('mode'));
      const [ip, netmask, gateway, dns] = ['IP', 'netmask', 'gateway', 'DNS'].map((name) => inAnyCase(context, name));
      await context.api.call('PIF', 'reconfigure_ip', pif, mode, ip ?? '', netmask ?? '', gateway ?? '', dns ?? '');
    },
  },
  {
    name: 'pif-reconfigure-ipv6',
    required: ['uuid', 'mode'],
    optional: ['IPv6', 'gateway', 'DNS'],
    description: 'Changes how an interface gets its IPv6 address: mode is none, dhcp, static or autoconf.',
    async run(context) {
      const pif = refOf(context, 'PIF', 'uuid');
      const mode = parseWord(enums.ipv6_configuration_mode, context.parameters.required('mode'));
      const [ip, gateway, dns] = ['IPv6', 'gateway', 'DNS'].map((name) => inAnyCase(context, name));
      await context.api.call('PIF', 'reconfigure_ipv6', pif, mode, ip ?? '', gateway ?? '', dns ?? '');
    },
  },
  {
    name: 'pif-set-primary-address-type',
    required: ['uuid', 'primary_address_type'],
    optional: [],
    description: 'Says whether an interface is reached by its IPv4 or its IPv6 address.',
    async run(context) {
      const pif = refOf(context, 'PIF', 'uuid');
      const type = parseWord(enums.primary_address_type, context.parameters.required('primary_address_type'));
      await context.api.call('PIF', 'set_primary_address_type', pif, type);
    },
  },
];

/** Scripts write `ip=` and `dns=` as often as `IP=` and `DNS=`. */
function inAnyCase({ parameters }: CommandContext, name: string): string {
  const wanted = name.toLowerCase();
  return parameters.list.find((parameter) => parameter.name.toLowerCase() === wanted)?.value ?? '';
}
