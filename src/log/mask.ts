import { createHash } from 'node:crypto';

const MASKED = '[masked]';

/** Keys whose values are secrets wherever they appear: parameters, headers, options. */
const SECRET_KEY = /passw|pwd|passphrase|secret|authorization|cookie|private_?key|^hash$|^token$/i;

/** Keys whose values are session references: whoever knows one acts as its user. */
const SESSION_KEY = /^session(_?id|_?ref)?$/i;

/** Secrets in the query of a URL, where the API's HTTP paths take them. */
const SECRET_IN_QUERY = /\b(session_id|pool_secret|password|pwd|uname)=([^&\s"']+)/gi;

/** Errors that carry a session reference as a parameter. */
const SESSION_ERROR = /\b(?:SESSION_INVALID|SESSION_NOT_REGISTERED|HANDLE_INVALID \[session)\b/i;
const REFERENCE = /OpaqueRef:[0-9a-f-]{8,}/gi;

/** A session in the log: always the same text for the same session, and no way back from it. */
export function maskSession(ref: string): string {
  return `session:${createHash('sha256').update(ref).digest('hex').slice(0, 10)}`;
}

/** What goes into the log for a value under a secret's or a session's key; undefined when the key is neither. */
export function maskByKey(key: string, value: unknown): string | undefined {
  if (SECRET_KEY.test(key)) return MASKED;
  if (SESSION_KEY.test(key)) return typeof value === 'string' ? maskSession(value) : MASKED;
  return undefined;
}

/** Text without the secrets that can be told by their surroundings. */
export function maskText(text: string): string {
  const masked = text.replace(SECRET_IN_QUERY, (_match, name: string) => `${name}=${MASKED}`);
  return SESSION_ERROR.test(masked) ? masked.replace(REFERENCE, (ref) => maskSession(ref)) : masked;
}
