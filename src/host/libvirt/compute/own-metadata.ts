import { DomainMetadataType, DomainModificationImpact, ErrorCode } from 'node-libvirt';
import type { Session } from '../connection/session.js';
import { hasCode } from '../errors.js';
import type { DomainRef } from './context.js';

/**
 * What compute notes in the metadata of a domain, one element per purpose. `started` is in the living description alone
 * and goes with it; `suspended` is in the lasting one.
 */
const NOTES = {
  started: {
    uri: 'https://xenapi-gateway.org/domain/started/1',
    key: 'started',
    impact: DomainModificationImpact.LIVE,
  },
  suspended: {
    uri: 'https://xenapi-gateway.org/domain/suspended/1',
    key: 'suspended',
    impact: DomainModificationImpact.CONFIG,
  },
} as const;

/** A purpose for which compute notes something in a domain's metadata. */
export type Note = keyof typeof NOTES;

/** Whether an element of that namespace is a note of compute's own, no part of the description. */
export function isNote(uri: string | undefined): boolean {
  return Object.values(NOTES).some((note) => note.uri === uri);
}

/** Reads a note; undefined where there is none. Text as it was written. */
export async function readNote(session: Session, dom: DomainRef, note: Note): Promise<string | undefined> {
  const { uri, impact } = NOTES[note];
  try {
    const args = { dom, type: DomainMetadataType.ELEMENT, uri, flags: impact };
    const { metadata } = await session.read('DOMAIN_GET_METADATA', args);
    return /at=["']([^"'<>&]*)["']/.exec(metadata)?.[1];
  } catch (thrown) {
    const { NO_DOMAIN_METADATA, NO_DOMAIN, OPERATION_INVALID } = ErrorCode;
    if (hasCode(thrown, NO_DOMAIN_METADATA, NO_DOMAIN, OPERATION_INVALID)) return undefined;
    throw thrown;
  }
}

/** Writes a note, or with undefined takes it away. The text may hold letters, digits and `-_./:` only. */
export async function writeNote(session: Session, dom: DomainRef, note: Note, text: string | undefined): Promise<void> {
  const { uri, key, impact } = NOTES[note];
  if (text !== undefined && !/^[\w./:-]*$/.test(text)) throw new RangeError(`no text for a note: ${text}`);
  await session.call('DOMAIN_SET_METADATA', {
    dom,
    type: DomainMetadataType.ELEMENT,
    metadata: text === undefined ? undefined : `<${key} at="${text}"/>`,
    key,
    uri,
    flags: impact,
  });
}
