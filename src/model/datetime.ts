/** Dates of the model are text in the compact form `YYYYMMDDTHH:MM:SSZ`. */

/** The date that stands for never. */
export const NEVER = '19700101T00:00:00Z';

/** Now, or milliseconds since the epoch, cut to whole seconds. */
export function toDateTime(milliseconds: number = Date.now()): string {
  const iso = new Date(milliseconds).toISOString();
  return `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 19)}Z`;
}

const PATTERN = /^(\d{4})-?(\d\d)-?(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?(Z|[+-]\d\d(?::?\d\d)?)?$/;

/** Milliseconds since the epoch of a date in one of the accepted spellings; NaN when it is none. No zone means UTC. */
export function fromDateTime(text: string): number {
  const m = PATTERN.exec(text);
  if (!m) return Number.NaN;
  const zone = !m[7] || m[7] === 'Z' ? 'Z' : m[7].includes(':') ? m[7] : `${m[7].slice(0, 3)}:${m[7].slice(3) || '00'}`;
  return Date.parse(`${m[1]}-${m[2]}-${m[3]}T${m[4]}:${m[5]}:${m[6]}${zone}`);
}

/** The date in the form in which it is stored, or undefined when the text is no date. */
export function normaliseDateTime(text: string): string | undefined {
  const ms = fromDateTime(text);
  return Number.isNaN(ms) ? undefined : toDateTime(ms);
}
