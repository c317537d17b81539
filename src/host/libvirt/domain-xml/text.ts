/** Longest name of a domain in bytes: libvirt makes file names of it, which may have 255 with what it adds. */
const LONGEST_NAME = 200;

/**
 * libvirt puts sockets into directories that it names by the first characters of a domain's name, and the path of a socket has
 * 107 bytes at most: `/var/lib/libvirt/qemu/channel/target/domain-100000-NAME/org.qemu.guest_agent.0` leaves 33 for them.
 */
const BEGINNING = { characters: 20, bytes: 33 };

// Everything that XML 1.0 cannot hold. Halves of surrogate pairs match only where the other half is missing.
const ILLEGAL = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/** Text as XML can hold it: what it cannot is replaced by U+FFFD, and line ends become plain ones. */
export function legalText(text: string): string {
  return text.replace(ILLEGAL, '\ufffd').replace(/\r\n?/g, '\n');
}

/** A label on one line, as titles of domains must be. */
export function singleLine(label: string): string {
  return legalText(label).replace(/\n/g, ' ');
}

/**
 * Name of the domain of a VM with that label: libvirt takes no slash, no line end and nothing empty, and makes file names of it.
 * `distinct` gives the name that is used where another domain has the plain one.
 */
export function domainName(label: string, uuid: string, distinct = false): string {
  const suffix = distinct ? ` (${uuid.slice(0, 8)})` : '';
  const plain = singleLine(label).replaceAll('/', '-').replace(/\t/g, ' ').trim();
  const beginning = [...plain].slice(0, BEGINNING.characters).join('');
  const longest = Buffer.byteLength(beginning) > BEGINNING.bytes ? BEGINNING.bytes : LONGEST_NAME;
  const name = shorten(plain, longest - suffix.length);
  // Names of files: these two are directories.
  return name === '' || name === '.' || name === '..' ? uuid : name + suffix;
}

/** Whether a domain of that name may be called so because of the label. */
export function isNameOf(name: string, label: string, uuid: string): boolean {
  return name === domainName(label, uuid) || name === domainName(label, uuid, true);
}

function shorten(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  let short = '';
  let length = 0;
  for (const character of text) {
    length += Buffer.byteLength(character);
    if (length > bytes) break;
    short += character;
  }
  return short.trim();
}
