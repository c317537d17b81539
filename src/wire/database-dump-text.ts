/**
 * How a database dump writes text in its attributes. XML turns white space in attributes into spaces, so the original
 * server writes it as a percent sign and a letter; the percent sign itself is doubled.
 */

const LETTERS: ReadonlyMap<string, string> = new Map([
  [' ', '%.'],
  ['\t', '%t'],
  ['\n', '%n'],
  ['\r', '%r'],
  ['%', '%%'],
]);

const MEANINGS: ReadonlyMap<string, string> = new Map([
  ...[...LETTERS].map(([character, written]) => [written, character] as const),
  // Versions before 2017 wrote a pair of spaces so.
  ['%_', '  '],
]);

/** What an attribute of a dump stands for. A percent sign with another letter stands for itself. */
export function unprotect(text: string): string {
  return text.includes('%') ? text.replace(/%[.tnr%_]/g, (written) => MEANINGS.get(written) ?? written) : text;
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
]);

// Control characters below the space, lone surrogates and the two non-characters have no place in XML 1.0.
const FORBIDDEN = /(?![\u007F-\u009F])[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu;

/** Text as it stands between the quotes of an attribute of a dump. Characters that XML cannot hold are left out. */
export function protect(text: string): string {
  return text
    .replace(/[ \t\n\r%]/g, (character) => LETTERS.get(character) ?? character)
    .replace(FORBIDDEN, '')
    .replace(/[&<>"]/g, (character) => ENTITIES.get(character) ?? character);
}
