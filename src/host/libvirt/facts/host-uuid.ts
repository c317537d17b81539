import type { Session } from '../connection/session.js';
import { child, parseXml, textOf } from '../domain-xml/xml.js';

/** The uuid that libvirt has for its host: the firmware's, or one that was configured. Rejects when it names none. */
export async function hostUuid(session: Pick<Session, 'read'>): Promise<string> {
  const { capabilities } = await session.read('CONNECT_GET_CAPABILITIES', {});
  const uuid =
    textOf(child(parseXml(capabilities), 'host'), 'uuid')
      ?.trim()
      .toLowerCase() ?? '';
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid)) throw new Error('libvirt names no uuid of its host');
  return uuid;
}
