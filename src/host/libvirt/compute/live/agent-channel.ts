import { attribute, child, children, parseXml } from '../../domain-xml/xml.js';

/** Name of the channel that QEMU's guest agent opens. */
const CHANNEL = 'org.qemu.guest_agent.0';

/** Whether the agent in a guest has its channel open, by the description of the living domain. */
export function isAgentConnected(xml: string): boolean {
  return children(child(parseXml(xml), 'devices'), 'channel').some((channel) => {
    const target = child(channel, 'target');
    return attribute(target, 'name') === CHANNEL && attribute(target, 'state') === 'connected';
  });
}
