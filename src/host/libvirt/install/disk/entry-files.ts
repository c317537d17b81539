import { type MenuEntry, plain } from './boot-menu.js';
import type { ExtFileSystem } from './ext-file-system.js';

/** Where newer systems have a file for each kernel, instead of a menu. */
const DIRECTORIES = ['/boot/loader/entries', '/loader/entries'];
/** Where GRUB keeps what it knows between two starts. */
const ENVIRONMENTS = ['/boot/grub2/grubenv', '/grub2/grubenv', '/boot/grub/grubenv', '/grub/grubenv'];
/** Most files that are looked at: systems keep some kernels. */
const MOST_FILES = 100;
/** Longest of these files, in bytes: they have some hundred. */
const LONGEST_FILE = 2 ** 16;

/** An entry by the name of its file, without the ending. */
export type NamedEntry = readonly [name: string, text: string];

/** What GRUB would boot of the entry files of a file system: undefined where there are none. Rejects as the file system does. */
export async function entryFromFiles(files: ExtFileSystem): Promise<MenuEntry | undefined> {
  const entries: NamedEntry[] = [];
  for (const directory of DIRECTORIES) {
    const names = ((await files.names(directory)) ?? []).filter((name) => name.endsWith('.conf'));
    for (const name of names.slice(0, MOST_FILES)) {
      const text = await files.text(`${directory}/${name}`, LONGEST_FILE);
      if (text !== undefined) entries.push([name.slice(0, -'.conf'.length), text]);
    }
    if (entries.length > 0) break;
  }
  if (entries.length === 0) return undefined;
  for (const path of ENVIRONMENTS) {
    const text = await files.text(path, LONGEST_FILE);
    if (text !== undefined) return chooseEntry(entries, variablesOf(text));
  }
  return chooseEntry(entries, new Map());
}

/** The entry that was saved as the one to boot, else the newest by its name, as GRUB orders them. */
export function chooseEntry(entries: readonly NamedEntry[], variables: ReadonlyMap<string, string>): MenuEntry | undefined {
  const saved = variables.get('saved_entry');
  const newest = [...entries].sort(([one], [other]) => Number(other === saved) - Number(one === saved) || byVersion(other, one));
  for (const [, text] of newest) {
    const entry = readEntry(text, variables);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

function readEntry(text: string, variables: ReadonlyMap<string, string>): MenuEntry | undefined {
  const values = (key: string): string[] =>
    text.split('\n').flatMap((line) => {
      const [, name, rest = ''] = /^\s*(\S+)\s+(.*?)\s*$/.exec(line) ?? [];
      return name === key ? rest.split(/\s+/).flatMap((word) => expand(word, variables)) : [];
    });
  const [kernel] = values('linux');
  const [ramdisk] = values('initrd');
  if (kernel === undefined) return undefined;
  return {
    kernel: plain(kernel),
    ramdisk: ramdisk === undefined ? undefined : plain(ramdisk),
    args: values('options').join(' '),
  };
}

/** A variable of GRUB's stands for its words; one that nobody knows for none. */
function expand(word: string, variables: ReadonlyMap<string, string>): string[] {
  const [, name] = /^\$\{?(\w+)\}?$/.exec(word) ?? [];
  if (name !== undefined) return (variables.get(name) ?? '').split(/\s+/).filter((one) => one !== '' && !one.includes('$'));
  return word.includes('$') ? [] : [word];
}

/** What GRUB has written down. */
export function variablesOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line): (readonly [string, string])[] => {
      const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Numbers by their value, all else by its letters. */
function byVersion(one: string, other: string): number {
  const [own, theirs] = [one, other].map((name) => name.match(/\d+|[a-zA-Z]+/g) ?? []);
  for (const [index, part] of (own ?? []).entries()) {
    const against = theirs?.[index];
    if (against === undefined) return 1;
    const numbers = /^\d/.test(part) && /^\d/.test(against);
    const order = numbers ? Number(part) - Number(against) : part < against ? -1 : Number(part > against);
    if (order !== 0) return order;
  }
  return (own?.length ?? 0) - (theirs?.length ?? 0);
}
