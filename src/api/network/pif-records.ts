import type { Database } from '../../db/database.js';
import type { PhysicalInterface } from '../../host/network.js';
import { NULL_REF, type Ref } from '../../model/ref.js';
import type { Fields } from '../../model/types.js';
import { bridgeOf, cardFields } from '../inventory/network-records.js';

/** The address that interfaces without a card of their own show. */
export const NO_CARD_MAC = 'fe:ff:ff:ff:ff:ff';

/** Link settings of a card or a bond until somebody changes them. */
export const DEFAULT_PROPERTIES: ReadonlyMap<string, string> = new Map([['gro', 'on']]);

/** Makes the record of an interface that is down and has no address; measurements of its own where none are given. */
export function createPif(db: Database, fields: Partial<Fields<'PIF'>> & Pick<Fields<'PIF'>, 'host' | 'network'>): Ref<'PIF'> {
  return db.transaction(() =>
    db.create('PIF', {
      VLAN: -1,
      currently_attached: false,
      bond_slave_of: NULL_REF,
      VLAN_master_of: NULL_REF,
      ...fields,
      metrics: fields.metrics ?? db.create('PIF_metrics', {}),
    }),
  );
}

/** Makes the record of a card, in the network that the pool has for cards of that name or in a new one. */
export function introduceCard(db: Database, host: Ref<'host'>, card: PhysicalInterface, managed: boolean): Ref<'PIF'> {
  return db.transaction(() => {
    const [pci] = db.filter('PCI', (device) => device.host === host && device.pci_id === card.pciBusPath);
    return createPif(db, {
      host,
      network: networkFor(db, card.device, managed),
      device: card.device,
      device_name: card.device,
      MAC: card.mac,
      MTU: card.mtu,
      physical: true,
      managed,
      properties: DEFAULT_PROPERTIES,
      PCI: pci?.[0] ?? NULL_REF,
      metrics: db.create('PIF_metrics', cardFields(card)),
    });
  });
}

/** A card that somebody else manages gets a network without a bridge of ours. */
function networkFor(db: Database, device: string, managed: boolean): Ref<'network'> {
  const bridge = managed ? bridgeOf(device) : '';
  const found = db.filter('network', (network) => network.bridge === bridge);
  if (found.length === 1 && found[0]) return found[0][0];
  return db.create('network', { name_label: `Pool-wide network associated with ${device}`, bridge, managed });
}

/** Removes the record of an interface and of what was measured on it, unless others share that. */
export function removePif(db: Database, ref: Ref<'PIF'>): void {
  db.transaction(() => {
    const { metrics } = db.get('PIF', ref);
    db.destroy('PIF', ref);
    if (db.exists('PIF_metrics', metrics) && !db.filter('PIF', (pif) => pif.metrics === metrics).length)
      db.destroy('PIF_metrics', metrics);
  });
}

/** Moves the IPv4 settings of one interface to another, as when a card goes into a bond. */
export function moveIpSettings(db: Database, from: Ref<'PIF'>, to: Ref<'PIF'>): void {
  db.transaction(() => {
    const { ip_configuration_mode, IP, netmask, gateway, DNS } = db.get('PIF', from);
    db.set('PIF', to, { ip_configuration_mode, IP, netmask, gateway, DNS });
    db.set('PIF', from, { ip_configuration_mode: 'None', IP: '', netmask: '', gateway: '', DNS: '' });
  });
}
