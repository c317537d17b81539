import { xmlNotation } from '../xmlrpc/notation.js';

/** The XML-RPC text of a struct whose members have theirs already. */
export function structText(members: Iterable<readonly [name: string, value: string]>): string {
  const { structOpen, structClose, memberOpen, memberClose } = xmlNotation;
  let text = structOpen;
  for (const [name, value] of members) text += memberOpen(name) + value + memberClose;
  return text + structClose;
}
