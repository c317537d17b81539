import type { Family } from './layouts.js';
import { RepositoryError } from './repository.js';
import { formatAddress, type RepositoryAddress } from './repository-address.js';

/** Characters of a command line that Linux on x86 keeps; what is longer it cuts off without a word. */
const LONGEST = 2047;

/** Xen's own consoles: `hvc0`, and `xvc0` of old kernels. */
const XEN_CONSOLE = /^console=(?:hvc|xvc)\d*(?:,.*)?$/;

/** Arguments by which installers of Red Hat and its relatives know that they were told where their packages are. */
const RED_HAT_SOURCE = /^(?:inst\.)?(?:method|repo|askmethod)(?:=|$)/;

/**
 * Arguments for a kernel that the VM's own arguments were written for Xen: what was its console is the screen and the first serial
 * port here. Throws RepositoryError for what no kernel takes.
 */
export function kernelArguments(given: string, added: readonly string[] = []): string {
  const words = wordsOf(given);
  const isXen = xenConsole(words);
  const first = words.findIndex(isXen);
  const mapped = words.flatMap((word, index) => {
    if (word.startsWith('xencons=')) return [];
    if (!isXen(word)) return [word];
    // The last one is where programs write: the screen is what consoles of VMs show.
    return index === first ? ['console=ttyS0', 'console=tty0'] : [];
  });
  const text = [...mapped, ...added].join(' ');
  if (text.length > LONGEST) throw new RepositoryError(`the arguments of the kernel are longer than ${LONGEST} characters`);
  return text;
}

/** What installers are told besides: where their packages are, unless the VM's arguments say so. */
export function installerArguments(
  given: string,
  family: Family,
  address: RepositoryAddress,
  installation: ReadonlyMap<string, string>,
): readonly string[] {
  const words = wordsOf(given);
  return [...sourceArguments(words, family, address), ...screenArguments(family, installation)];
}

function sourceArguments(words: readonly string[], family: Family, address: RepositoryAddress): readonly string[] {
  // Installers look for CDs by themselves.
  if (address.kind === 'cdrom') return [];
  if (family === 'rhlike' && !words.some((word) => RED_HAT_SOURCE.test(word))) {
    const source = formatAddress(address, 'colon');
    // Releases up to 6 know the first form alone, those from 9 on the second.
    return [`method=${source}`, `inst.repo=${source}`];
  }
  if (family === 'sleslike' && !words.some((word) => word.startsWith('install=')))
    return [`install=${formatAddress(address, 'url')}`];
  return [];
}

/** Installation through VNC inside the guest, for those who want it besides the VM's screen. */
function screenArguments(family: Family, installation: ReadonlyMap<string, string>): readonly string[] {
  if (!['1', 'true'].includes(installation.get('install-vnc') ?? '')) return [];
  const password = installation.get('install-vncpasswd');
  const prefixes = family === 'rhlike' ? ['', 'inst.'] : [''];
  return prefixes.flatMap((prefix) => [
    `${prefix}vnc`,
    ...(password ? [`${prefix}vncpassword=${wordsOf(password).join('')}`] : []),
  ]);
}

/** Whether a word names Xen's console. With `xencons=ttyS` that has the name of a serial port. */
function xenConsole(words: readonly string[]): (word: string) => boolean {
  const serial = words.some((word) => /^xencons=ttyS/.test(word));
  return (word) => XEN_CONSOLE.test(word) || (serial && /^console=ttyS0(?:,.*)?$/.test(word));
}

/** Words of a command line. Blanks in double quotes belong to the word. */
function wordsOf(text: string): readonly string[] {
  if (/[^\P{Cc}\t\n\r]/u.test(text)) throw new RepositoryError('the arguments of the kernel have control characters in them');
  return text.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
}
