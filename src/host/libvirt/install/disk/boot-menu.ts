/** Longest configuration of a boot loader that is read, in bytes: those of systems with many kernels have 30 KB. */
export const LONGEST_MENU = 2 ** 20;

/** Longest line that is read, in characters: kernels take no longer ones. */
const LONGEST_LINE = 4096;

/** Where boot loaders have their configuration, in the order in which they are looked for, and in whose words. */
export const MENUS: readonly (readonly [path: string, read: (text: string) => MenuEntry | undefined])[] = [
  ['/boot/grub/grub.cfg', readGrub],
  ['/boot/grub2/grub.cfg', readGrub],
  ['/grub/grub.cfg', readGrub],
  ['/grub2/grub.cfg', readGrub],
  ['/boot/grub/menu.lst', readOldGrub],
  ['/boot/grub/grub.conf', readOldGrub],
  ['/grub/menu.lst', readOldGrub],
  ['/grub/grub.conf', readOldGrub],
  ['/boot/extlinux/extlinux.conf', readExtlinux],
  ['/extlinux/extlinux.conf', readExtlinux],
  ['/boot/extlinux.conf', readExtlinux],
  ['/extlinux.conf', readExtlinux],
  ['/boot/syslinux/syslinux.cfg', readExtlinux],
];

/** What a boot loader would boot. Paths are those of the file system that has the configuration. */
export interface MenuEntry {
  readonly kernel: string;
  readonly ramdisk: string | undefined;
  readonly args: string;
}

interface Draft {
  kernel?: string;
  ramdisk?: string;
  args: string;
}

/** The entry that boots by itself; the first that has a kernel, where the configuration leaves that open or names none that is there. */
function chosen(entries: readonly Draft[], wanted: number): MenuEntry | undefined {
  const whole = entries.map(({ kernel, ramdisk, args }) => (kernel === undefined ? undefined : { kernel, ramdisk, args }));
  return whole[wanted] ?? whole.find((entry) => entry !== undefined);
}

/** What GRUB 2 would boot. Of its language nothing is carried out: conditions are passed over, so that what is within them counts. */
export function readGrub(text: string): MenuEntry | undefined {
  const entries: Draft[] = [];
  let wanted = 0;
  for (const line of linesOf(text)) {
    const [word = '', ...rest] = line;
    const [, number] = /^default="?(\d{1,4})"?$/.exec(rest[0] ?? '') ?? [];
    // What is to boot is in files of their own then, and what is here is of other systems.
    if (word === 'blscfg') return undefined;
    if (word === 'set' && number !== undefined) wanted = Number(number);
    else if (word === 'menuentry') entries.push({ args: '' });
    else take(entries.at(-1), word, rest);
  }
  return chosen(entries, wanted);
}

function take(entry: Draft | undefined, word: string, [path, ...args]: readonly string[]): void {
  if (entry === undefined || path === undefined) return;
  if (/^linux(?:16|efi)?$/.test(word)) {
    entry.kernel ??= plain(path);
    // What is a variable there is nothing here.
    entry.args ||= args.filter((arg) => !arg.includes('$')).join(' ');
  } else if (/^initrd(?:16|efi)?$/.test(word)) entry.ramdisk ??= plain(path);
}

/** What GRUB of before would boot. Of Xen's own hypervisor, the first module is the kernel. */
export function readOldGrub(text: string): MenuEntry | undefined {
  const entries: (Draft & { isXen?: boolean })[] = [];
  let wanted = 0;
  for (const [first = '', ...rest] of linesOf(text)) {
    const [word = '', ...value] = first.includes('=') ? [...first.split('=', 2), ...rest] : [first, ...rest];
    const words = value[0] === '=' ? value.slice(1) : value;
    const entry = entries.at(-1);
    if (word === 'title') entries.push({ args: '' });
    else if (word === 'default' && entry === undefined) wanted = /^\d{1,4}$/.test(words[0] ?? '') ? Number(words[0]) : 0;
    else if (entry === undefined) continue;
    else if (word === 'kernel' && /xen.*gz$/.test(words[0] ?? '')) entry.isXen = true;
    else if (word === 'kernel') take(entry, 'linux', words);
    else if (word === 'initrd') take(entry, 'initrd', words);
    else if (word === 'module' && entry.isXen) take(entry, entry.kernel === undefined ? 'linux' : 'initrd', words);
  }
  return chosen(entries, wanted);
}

/** What extlinux and its relatives would boot. */
export function readExtlinux(text: string): MenuEntry | undefined {
  const labels: string[] = [];
  const entries: Draft[] = [];
  let wanted = '';
  for (const [first = '', ...rest] of linesOf(text)) {
    const word = first.toLowerCase();
    const [value = ''] = rest;
    const entry = entries.at(-1);
    if (word === 'default' || word === 'ontimeout') wanted ||= value;
    else if (word === 'label') {
      labels.push(value);
      entries.push({ args: '' });
    } else if (entry === undefined) continue;
    else if (word === 'kernel' || word === 'linux') entry.kernel ??= plain(value);
    else if (word === 'initrd') entry.ramdisk ??= plain(value);
    else if (word === 'append') {
      entry.args = rest.filter((arg) => !arg.startsWith('initrd=')).join(' ');
      const ramdisk = rest.find((arg) => arg.startsWith('initrd='));
      if (ramdisk !== undefined) entry.ramdisk ??= plain(ramdisk.slice(7));
    }
  }
  return chosen(entries, Math.max(0, labels.indexOf(wanted)));
}

/** Words of each line, without comments, quotes and braces around them. */
function* linesOf(text: string): Generator<string[]> {
  for (const line of text.split('\n')) {
    if (/^\s*(?:#|$)/.test(line) || line.length > LONGEST_LINE) continue;
    yield (line.trim().match(/"[^"]*"|'[^']*'|[^\s"']+(?:"[^"]*")?/g) ?? []).map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
  }
}

/** A path without the name of a device before it. */
export function plain(path: string): string {
  return path.replace(/^\([^)]*\)/, '');
}
