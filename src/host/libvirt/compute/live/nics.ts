import { DomainDeviceModifyFlags } from 'node-libvirt';
import { ApiError } from '../../../../model/error.js';
import type { NicSpec } from '../../../compute.js';
import { devicePlace, nicDevice } from '../../domain-xml/find-device.js';
import { setBridge } from '../../domain-xml/nic-device.js';
import { type Element, formatXml, parseXml, put, remove, tag } from '../../domain-xml/xml.js';
import { asHost } from '../../errors.js';
import type { ComputeContext, DomainRef } from '../context.js';
import { inDefinition } from './definition.js';
import { aliasOf, cardOf, cardWith, targetOf } from './elements.js';
import { readLiving } from './found.js';
import { noteDevices, noted, withNic } from './own-data.js';
import { unplug } from './unplug.js';

/**
 * Plugs a network card into a living domain. One that needs rules has no link until they are there. Throws
 * DEVICE_ALREADY_ATTACHED where it or another has its place, BRIDGE_NOT_AVAILABLE.
 */
export async function attachNic(context: ComputeContext, uuid: string, nic: NicSpec): Promise<void> {
  const { session, rules } = context;
  const dom = await context.live(uuid);
  const { live, found } = await readLiving(context, uuid);
  for (const other of found.nics) {
    if (other.vif === nic.vif || other.position === nic.position) throw new ApiError('DEVICE_ALREADY_ATTACHED', nic.vif);
  }
  const card = parseXml(nicDevice(nic, devicePlace(live), { openVswitchBridges: context.openVswitchBridges() }));
  const needed = rules.needed(nic);
  if (needed) setLink(card, 'down');
  await noted(context, dom, withNic(nic.vif, nic), () =>
    asHost(subject(uuid, nic.vif), () =>
      session.call('DOMAIN_ATTACH_DEVICE_FLAGS', { dom, xml: formatXml(card), flags: DomainDeviceModifyFlags.LIVE }),
    ),
  );
  if (needed) await underRules(context, dom, nic);
  setLink(card, undefined);
  await inDefinition(context, dom, async (inactive, definition) => {
    if (cardOf(definition, nic.vif)) return;
    const flags = DomainDeviceModifyFlags.CONFIG;
    await session.call('DOMAIN_ATTACH_DEVICE_FLAGS', { dom: inactive, xml: formatXml(card), flags });
  });
}

/** Takes a network card out of a living domain. Throws DEVICE_ALREADY_DETACHED, DEVICE_DETACH_REJECTED, DEVICE_DETACH_TIMEOUT. */
export async function detachNic(context: ComputeContext, uuid: string, vif: string, force: boolean): Promise<void> {
  const { session, rules } = context;
  const dom = await context.live(uuid);
  const found = cardOf(await context.liveXml(uuid), vif);
  if (found === undefined) throw new ApiError('DEVICE_ALREADY_DETACHED', vif);
  const { element, mac } = found;
  const leaving = {
    class: 'VIF',
    uuid: vif,
    alias: aliasOf(element),
    present: (xml: string) => cardOf(xml, vif) !== undefined,
  } as const;
  await unplug(context, dom, leaving, force);
  await rules.drop(targetOf(element));
  await inDefinition(context, dom, async (inactive, definition) => {
    const defined = cardWith(definition, mac);
    if (defined?.uuid === vif) {
      const flags = DomainDeviceModifyFlags.CONFIG;
      await session.call('DOMAIN_DETACH_DEVICE_FLAGS', { dom: inactive, xml: formatXml(defined.element), flags });
    }
    await noteDevices(context, inactive, definition, withNic(vif, undefined));
  });
}

/**
 * Gives a card of a living domain another bridge, filter or rate. Its MAC, MTU and model stay: a guest would have to be told of
 * others. Throws DEVICE_ALREADY_DETACHED, BRIDGE_NOT_AVAILABLE.
 */
export async function changeNic(context: ComputeContext, uuid: string, nic: NicSpec): Promise<void> {
  const { session, rules } = context;
  const dom = await context.live(uuid);
  const card = cardOf(await context.liveXml(uuid), nic.vif);
  if (card === undefined) throw new ApiError('DEVICE_ALREADY_DETACHED', nic.vif);
  const tap = targetOf(card.element);
  const needed = rules.needed(nic);
  // On the new bridge it may not be freer than it should be for a moment; on the old one it may.
  if (needed) await rules.apply(tap, nic);
  if (card.source.bridge !== nic.bridge) {
    setBridge(card.element, nic.bridge, context.openVswitchBridges());
    await update(context, dom, nic.vif, card.element);
  }
  if (!needed) await rules.apply(tap, nic);
  await inDefinition(context, dom, async (inactive, definition) => {
    const defined = cardWith(definition, card.mac);
    if (defined !== undefined && defined.source.bridge !== nic.bridge) {
      setBridge(defined.element, nic.bridge, context.openVswitchBridges());
      const flags = DomainDeviceModifyFlags.CONFIG;
      await session.call('DOMAIN_UPDATE_DEVICE_FLAGS', { dom: inactive, xml: formatXml(defined.element), flags });
    }
    const { vif, locking, qos } = nic;
    await noteDevices(context, inactive, definition, (stored) => {
      const before = stored.nics.get(vif);
      return before ? withNic(vif, { ...before, locking, qos })(stored) : stored;
    });
  });
}

function subject(vm: string, vif: string) {
  return { vm, device: { class: 'VIF', uuid: vif } } as const;
}

/** A card whose rules cannot be made is taken out again: it would be freer than it should be. */
async function underRules(context: ComputeContext, dom: DomainRef, nic: NicSpec): Promise<void> {
  try {
    const card = cardOf(await context.liveXml(dom.uuid), nic.vif);
    if (card === undefined) throw new ApiError('DEVICE_ALREADY_DETACHED', nic.vif);
    await context.rules.apply(targetOf(card.element), nic);
    setLink(card.element, 'up');
    await update(context, dom, nic.vif, card.element);
  } catch (thrown) {
    await detachNic(context, dom.uuid, nic.vif, false).catch((error: unknown) =>
      context.warn(error, `the card ${nic.vif} stays in its guest, without a link`),
    );
    throw thrown;
  }
}

async function update({ session }: ComputeContext, dom: DomainRef, vif: string, card: Element): Promise<void> {
  const xml = formatXml(card);
  const flags = DomainDeviceModifyFlags.LIVE;
  await asHost(subject(dom.uuid, vif), () => session.call('DOMAIN_UPDATE_DEVICE_FLAGS', { dom, xml, flags }));
}

function setLink(card: Element, state: 'up' | 'down' | undefined): void {
  if (state === undefined) remove(card, 'link');
  else put(card, tag('link', { state }));
}
