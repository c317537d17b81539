import { v5 } from 'uuid';
import { attribute, child, type Element } from './xml.js';

/** libvirt keeps names of devices that begin so. */
const USER_ALIAS = 'ua-';
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** Name of a device by which it is found again, whatever else is changed. */
export function aliasOf(uuid: string): string {
  return USER_ALIAS + uuid;
}

/** Uuid in the name of a device; undefined when it has none. */
export function uuidInAlias(device: Element): string | undefined {
  const name = attribute(child(device, 'alias'), 'name') ?? '';
  const uuid = name.startsWith(USER_ALIAS) ? name.slice(USER_ALIAS.length) : '';
  return UUID.test(uuid) ? uuid : undefined;
}

/** Uuid of a device of a domain, made from what identifies it where its name has none; the same every time. */
export function uuidOf(device: Element, domain: string, identity: string): string {
  // Domains have uuids of any version, as bytes they are taken.
  return uuidInAlias(device) ?? v5(`${device.nodeName}:${identity}`, Buffer.from(domain.replaceAll('-', ''), 'hex'));
}
